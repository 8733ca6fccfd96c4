import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { answering, startHost } from "../proxmox/host.ts";
import { place, runServer } from "../run-server.ts";
import { configFor, runJson, runOnline, SECRETS, simulated } from "./run-online.ts";

interface ConnectionJson {
  readonly server: { readonly host: string; readonly port: number; readonly address: string };
  readonly version: { readonly version: string } | null;
  readonly responseTimeMs: number | null;
  readonly tls: { readonly mode: string; readonly certificate: { readonly fingerprint: string } };
  readonly permissions: {
    readonly missing: readonly { readonly privilege: string; readonly path: string }[];
    readonly partly: readonly { readonly only: readonly string[] }[];
    readonly grants: readonly {
      readonly privileges: readonly string[];
      readonly commands: readonly string[];
      readonly forUser: string | null;
    }[];
  } | null;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
  readonly warnings: readonly { readonly code: string }[];
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe("a host that answers", () => {
  test("is told in a few lines", async () => {
    const { port, fingerprint } = await simulated();
    const { status, stdout, stderr } = await runOnline([
      "test-connection",
      configFor({ port, fingerprint }),
    ]);
    expect(stdout.replace(/\d+ ms/, "N ms")).toBe(
      [
        `Server         127.0.0.1:${port}`,
        "Version        Proxmox VE 9.2.11",
        "User           mcp@pve",
        "Token          example",
        "Response time  N ms",
        "Connected.",
        "",
      ].join("\n"),
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  test("-v adds certificate, nodes, storages and permissions", async () => {
    const { port, fingerprint } = await simulated();
    const { stdout } = await runOnline(["test-connection", "-v", configFor({ port, fingerprint })]);
    expect(stdout).toContain("TLS            TLSv1.3, verified by its fingerprint\n");
    expect(stdout).toMatch(/^Certificate {4}"simulated Proxmox VE" until 20\d\d-.*, self-signed$/m);
    expect(stdout).toContain(`Fingerprint    ${fingerprint}\n`);
    expect(stdout).toContain("Nodes          2 of 3 online\n");
    expect(stdout).toContain("Storages       4\n");
    expect(stdout).toMatch(/^Permissions {4}all \d+ that the enabled tools need$/m);
  });

  test("gives a stable JSON, with null for what was not asked", async () => {
    const { port, fingerprint } = await simulated();
    const { report } = await runJson(["test-connection", configFor({ port, fingerprint })]);
    expect(report).toEqual({
      ok: true,
      exitStatus: 0,
      server: { host: "127.0.0.1", port, address: "127.0.0.1" },
      version: { version: "9.2.11", release: "9.2", repoid: "0123456789abcdef" },
      user: "mcp@pve",
      token: "example",
      responseTimeMs: expect.any(Number),
      tls: {
        mode: "fingerprint",
        protocol: "TLSv1.3",
        certificate: {
          subject: "simulated Proxmox VE",
          issuer: "simulated Proxmox VE",
          selfSigned: true,
          expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          fingerprint,
        },
      },
      nodes: null,
      storages: null,
      permissions: null,
      problems: [],
      warnings: [],
    });
  });

  test("may be verified by a CA file, which stands beside the config", async () => {
    const { port, certificate } = await simulated();
    place("ca.pem", certificate);
    const config = configFor({ port }, { proxmox: { ca_file: "ca.pem" } });
    const { stdout, status } = await runOnline(["test-connection", "-v", config]);
    expect(stdout).toContain("verified by proxmox.ca_file\n");
    expect(status).toBe(0);
  });

  test("may be asked with a password", async () => {
    const { port, fingerprint } = await simulated();
    const auth = { user: "root@pam", password: SECRETS.password };
    const config = configFor({ port, fingerprint }, { auth });
    const { stdout, status } = await runOnline(["test-connection", "-v", config]);
    expect(stdout).toContain("Token          none: a password is used\n");
    expect(stdout).toMatch(/^Permissions {4}all /m);
    expect(status).toBe(0);
  });

  test("may be simulated, and then needs no config", async () => {
    const { stdout, status } = await runOnline(["test-connection", "-v", "--test-mode"]);
    expect(stdout).toContain("Nodes          2 of 3 online\n");
    expect(status).toBe(0);
  });

  test("is warned about where its certificate is not verified", async () => {
    const { port } = await simulated();
    const config = configFor({ port }, { proxmox: { verify_ssl: false } });
    const { report } = await runJson<ConnectionJson>(["test-connection", config]);
    expect(report.tls.mode).toBe("unverified");
    expect(report.warnings).toMatchObject([{ code: "TLS_UNVERIFIED" }]);
    const { stdout } = await runOnline(["test-connection", config]);
    expect(stdout).toContain("warning[TLS_UNVERIFIED]: /proxmox/verify_ssl: verify_ssl is false");
  });
});

describe("a certificate that is not trusted", () => {
  test("is shown, with the ways out in their order", async () => {
    const { port, fingerprint } = await simulated();
    const { status, stdout } = await runOnline(["test-connection", configFor({ port })]);
    expect(stdout).toContain(`error[PROXMOX_TLS]: 127.0.0.1:${port} is not trusted: its`);
    const ways = ["proxmox.ca_file", "proxmox.fingerprint", "proxmox.verify_ssl", fingerprint];
    const places = ways.map((way) => stdout.indexOf(way));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(stdout).toContain("compare it with the one that the web interface shows");
    expect(stdout).toMatch(/Not connected\.\n$/);
    expect(status).toBe(11);
  });

  test("may have another fingerprint than the pinned one", async () => {
    const { port, fingerprint } = await simulated();
    const pinned = `${"AA:".repeat(31)}AA`;
    const config = configFor({ port, fingerprint: pinned });
    const { report, status } = await runJson<ConnectionJson>(["test-connection", config]);
    expect(report.problems).toMatchObject([{ code: "PROXMOX_TLS" }]);
    expect(report.problems[0]?.message).toContain(
      `its certificate has the fingerprint ${fingerprint}, not ${pinned}`,
    );
    expect(report.tls.certificate.fingerprint).toBe(fingerprint);
    expect(status).toBe(11);
  });
});

describe("a host that cannot be reached", () => {
  test("its name does not resolve", async () => {
    const config = configFor({ port: 8006 }, { proxmox: { host: "pve.invalid" } });
    const { status, stdout } = await runOnline(["test-connection", config]);
    expect(stdout).toMatch(
      /^error\[PROXMOX_UNREACHABLE\]: cannot reach pve\.invalid:8006: its name /m,
    );
    expect(stdout).toContain("name resolution on this machine");
    expect(status).toBe(11);
  });

  test("its port is closed", async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    const { status, stdout } = await runOnline(["test-connection", configFor({ port })]);
    expect(stdout).toContain(`cannot reach 127.0.0.1:${port}: the connection was refused`);
    expect(stdout).toContain("systemctl status pveproxy");
    expect(status).toBe(11);
  });

  test("it breaks the connection off, and is not tried a second time", async () => {
    let connections = 0;
    const port = await listening(
      createServer((socket) => {
        connections += 1;
        socket.on("error", () => {}).resetAndDestroy();
      }),
    );
    const { status, stdout } = await runOnline(["test-connection", configFor({ port })]);
    expect(stdout).toContain("error[PROXMOX_UNREACHABLE]");
    expect(stdout).toContain("the connection was broken off");
    expect(connections).toBe(1);
    expect(status).toBe(11);
  });

  test("it breaks off after the handshake, and was asked once", async () => {
    const host = await startHost((_, __, socket) => void socket.destroy());
    const { fingerprint } = host.identity;
    const config = configFor({ port: host.port, fingerprint });
    const { report, status } = await runJson<ConnectionJson>(["test-connection", config]);
    expect(report.problems).toMatchObject([{ code: "PROXMOX_UNREACHABLE" }]);
    expect(report.tls.certificate.fingerprint).toBe(fingerprint);
    expect(host.seen.map(({ url }) => url)).toEqual(["/api2/json/version"]);
    expect(status).toBe(11);
  });

  test("it takes the connection and is silent", async () => {
    const port = await listening(createServer((socket) => void socket.on("error", () => {})));
    const config = configFor({ port }, { proxmox: { timeout: 6000 } });
    const { status, stdout } = await runOnline(["test-connection", config]);
    expect(stdout).toContain(`error[PROXMOX_TIMEOUT]: 127.0.0.1:${port} did not answer within 6 s`);
    expect(stdout).toContain("proxmox.timeout");
    expect(status).toBe(11);
  });

  test("it speaks HTTP without TLS", async () => {
    const port = await listening(createHttpServer((_, response) => void response.end("hello")));
    const { report, status } = await runJson<ConnectionJson>([
      "test-connection",
      configFor({ port }),
    ]);
    expect(report.problems).toMatchObject([{ code: "PROXMOX_TLS" }]);
    expect(report.tls.certificate).toBeNull();
    expect(status).toBe(11);
  });
});

describe("an answer that is a refusal", () => {
  test("of a wrong token", async () => {
    const { port, fingerprint } = await simulated();
    const config = configFor({ port, fingerprint }, { auth: { token_value: SECRETS.wrong } });
    const { status, stdout } = await runOnline(["test-connection", config]);
    expect(stdout).toContain(
      `error[PROXMOX_UNAUTHORIZED]: 127.0.0.1:${port} does not accept mcp@pve!example`,
    );
    expect(stdout).toContain("Datacenter > Permissions > API Tokens");
    expect(stdout).toMatch(/Not connected\.\n$/);
    expect(status).toBe(12);
  });

  test("of a wrong password", async () => {
    const { port, fingerprint } = await simulated();
    const auth = { user: "root@pam", password: SECRETS.wrong };
    const config = configFor({ port, fingerprint }, { auth });
    const { status, stdout } = await runOnline(["test-connection", config]);
    expect(stdout).toContain("error[PROXMOX_UNAUTHORIZED]");
    expect(stdout).toContain("realm and the password");
    expect(status).toBe(12);
  });

  test.each([
    ["200", 200, "OK", "<html><body>Welcome</body></html>"],
    ["502", 502, "Bad Gateway", "<html><body>nginx</body></html>"],
    ["nothing", 200, "OK", ""],
  ])("of something that is not Proxmox: %s", async (_, code, reason, body) => {
    const { port, identity } = await startHost(answering(code, reason, body));
    const config = configFor({ port, fingerprint: identity.fingerprint });
    const { status, stdout } = await runOnline(["test-connection", config]);
    expect(stdout).toContain("error[PROXMOX_ANSWER]");
    expect(stdout).not.toContain("<html");
    expect(stdout).not.toContain("nginx");
    expect(status).toBe(11);
  });
});

describe("permissions", () => {
  test("a token without rights of its own is told what it lacks, and what gives it", async () => {
    const { port, fingerprint } = await simulated();
    const auth = { token_name: "bare", token_value: SECRETS.bare };
    const config = configFor({ port, fingerprint }, { auth });
    const { report, status } = await runJson<ConnectionJson>(["test-connection", "-v", config]);
    const { missing = [], grants = [] } = report.permissions ?? {};
    expect(missing.map(({ privilege, path }) => `${privilege} ${path}`)).toEqual([
      "Sys.Audit /",
      "Sys.Audit /nodes",
      "Datastore.Audit /storage",
      "VM.Audit /vms",
      "VM.GuestAgent.Audit /vms",
    ]);
    const role = "ProxmoxMcp-Datastore.Audit-Sys.Audit-VM.Audit-VM.GuestAgent.Audit";
    expect(grants.map(({ commands }) => commands)).toEqual([
      [
        `pveum role add ${role} --privs Datastore.Audit,Sys.Audit,VM.Audit,VM.GuestAgent.Audit`,
        `pveum acl modify / --tokens 'mcp@pve!bare' --roles ${role}`,
      ],
    ]);
    expect(grants.map(({ forUser }) => forUser)).toEqual([
      `pveum acl modify / --users mcp@pve --roles ${role}`,
    ]);
    expect(report.problems).toMatchObject([{ code: "PROXMOX_FORBIDDEN" }]);
    expect(status).toBe(12);
  });

  test("what is missing is told line by line, with commands to paste", async () => {
    const { port, fingerprint } = await simulated();
    const auth = { token_name: "bare", token_value: SECRETS.bare };
    const config = configFor({ port, fingerprint }, { auth });
    const { stdout } = await runOnline(["test-connection", "-v", config]);
    const lines = stdout.split("\n");
    expect(lines).toContain(
      "error[PROXMOX_FORBIDDEN]: mcp@pve!bare lacks Sys.Audit on /, Sys.Audit on /nodes, Datastore.Audit on /storage, VM.Audit on /vms, VM.GuestAgent.Audit on /vms",
    );
    expect(stdout).toMatch(/^ {2}Sys\.Audit on \/ +for get_cluster_status, /m);
    expect(stdout).toMatch(/^Way out: on a node, as root:\n {2}pveum role add .*\n {2}pveum acl /m);
    expect(stdout).toMatch(
      /^A token with privilege separation has only .*:\n {2}pveum acl modify \/ --users mcp@pve /m,
    );
    expect(lines.slice(-2)).toEqual(["Connected, with problems.", ""]);
  });

  test("a token that sees a single guest is told so, which may be meant", async () => {
    const { port, fingerprint } = await simulated();
    const auth = { user: "bob@pve", token_name: "t1", token_value: SECRETS.bob };
    const config = configFor({ port, fingerprint }, { auth });
    const { report } = await runJson<ConnectionJson>(["test-connection", "-v", config]);
    expect(report.permissions?.partly.map(({ only }) => only)).toEqual([
      ["/vms/100"],
      ["/vms/100"],
    ]);
    expect(report.warnings).toMatchObject([{ code: "PRIVILEGE_IN_PART" }]);
    // What is missing elsewhere must not open all guests on the way.
    expect(report.permissions?.grants.map(({ privileges }) => privileges)).toEqual([
      ["Datastore.Audit", "Sys.Audit"],
    ]);
  });

  test("what running commands takes counts once the policy allows it", async () => {
    const { port, fingerprint } = await simulated();
    const auth = { user: "root@pam", token_name: "mcp", token_value: SECRETS.auditor };
    const silent = configFor({ port, fingerprint }, { auth });
    expect((await runOnline(["test-connection", "-v", silent])).status).toBe(0);
    const policy = { exec: { allow: ["uptime"] } };
    const config = configFor({ port, fingerprint }, { auth, policy });
    const { report, status } = await runJson<ConnectionJson>(["test-connection", "-v", config]);
    expect(report.permissions?.missing).toMatchObject([
      { privilege: "VM.GuestAgent.Unrestricted", path: "/vms", tools: ["execute_vm_command"] },
    ]);
    const role = `ProxmoxMcp-${["Datastore", "Sys", "VM", "VM.GuestAgent"].join(".Audit-")}.Audit-VM.GuestAgent.Unrestricted`;
    expect(
      report.permissions?.grants.map(({ commands, forUser }) => [...commands, forUser]),
    ).toEqual([
      [
        `pveum role add ${role} --privs ${role.replace("ProxmoxMcp-", "").replaceAll("-", ",")}`,
        `pveum acl modify / --tokens 'root@pam!mcp' --roles ${role}`,
        null,
      ],
    ]);
    expect(status).toBe(12);
  });
});

describe("a config that cannot be used", () => {
  test("is told before anything is asked", async () => {
    place("broken.json", "{");
    const { status, stdout } = await runOnline(["test-connection", "broken.json"]);
    expect(stdout).toContain("error[SYNTAX]");
    expect(stdout).toMatch(/Not connected\.\n$/);
    expect(status).toBe(5);
  });

  test("keeps the shape of the JSON", async () => {
    const { report } = await runJson(["test-connection", "missing.json"]);
    expect(report).toMatchObject({
      server: null,
      version: null,
      user: null,
      token: null,
      responseTimeMs: null,
      tls: null,
      problems: [{ code: "FILE_NOT_FOUND" }],
    });
  });

  test.each([
    [["--online", "config.json"], "--online goes with --test"],
    [["test-connection", "--online"], "--online goes with --test"],
    [["test-connection", "--test"], "--test and test-connection are two commands"],
    [["config.json", "test-connection"], "more than one config is named"],
    [["--key-file", "test-connection", "c.json"], "test-connection must be the first word"],
  ])("%j is a usage error", (args, message) => {
    const { status, stderr } = runServer(args);
    expect(stderr).toContain(`error[USAGE]: ${message}`);
    expect(status).toBe(2);
  });
});
