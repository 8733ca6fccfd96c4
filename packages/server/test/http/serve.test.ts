import { renameSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { ERAS } from "../mcp/session.ts";
import { encryptedConfig, startCluster } from "../proofs/stdio-client.ts";
import { type Authority, authority } from "../proxmox/certificates.ts";
import { placeConfig, runServer, sealer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { type Serving, spawnServing } from "../serve/serving.ts";
import { API_KEY, spawnHttp } from "./http-session.ts";

const IN_FORCE = "the new config is in force";
const NOT_TAKEN = "the new config is not taken, the old one stays in force";

/** A directory with a config of these sections for a simulated cluster, its API key sealed. */
async function place(
  http: object,
  sections: object = {},
): Promise<{ cwd: string; write: (http: object, sections?: object) => Promise<void> }> {
  const cluster = await startCluster();
  const cwd = scratch();
  const api_keys = { example: await sealer.seal(API_KEY, "/http/api_keys/example") };
  const write = async (section: object, more: object = {}): Promise<void> => {
    const config = { http: { port: 0, api_keys, ...section }, ...more };
    replace(join(cwd, "config.json"), await encryptedConfig(cluster, config));
  };
  await write(http, sections);
  return { cwd, write };
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

async function statusAfterEnd(serving: Serving): Promise<{ status: unknown; error: string }> {
  const status = await serving.ended;
  const error = serving
    .stderr()
    .split("\n")
    .find((line) => line.startsWith("error["));
  return { status, error: error ?? "" };
}

describe("the transport", () => {
  test("is HTTP where the config says so, and says in the log where it is served", async () => {
    const { cwd } = await place({ enabled: true, path: "/mcp" });
    const { url, serving, ...server } = await spawnHttp(["config.json"], { cwd });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    expect(serving.log().filter(({ level }) => level === "warn")).toEqual([]);
    for (const era of ERAS) {
      const client = await server.connect({ era });
      expect((await client.callTool({ name: "get_nodes" })).isError).not.toBe(true);
    }
  });

  test("is HTTP where the command line says so, and stdio likewise", async () => {
    const { cwd } = await place({ enabled: false });
    await spawnHttp(["--transport", "http", "config.json"], { cwd });
    const stdio = spawnServing(["--transport", "stdio", "config.json"], { cwd });
    await stdio.logged("serving over stdio");
  });

  test("HTTP reads no standard input, and its end ends nothing", async () => {
    const { cwd } = await place({ enabled: true });
    const { serving, ...server } = await spawnHttp(["config.json"], { cwd });
    serving.process.stdin.end('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
    expect((await server.fetch("/livez")).status).toBe(200);
    serving.process.kill("SIGTERM");
    expect(await serving.ended).toBe(0);
    expect(await serving.logged("the server ends")).toMatchObject({ ending: "SIGTERM" });
  });

  test("HTTP serves the simulated cluster without a config to everybody on loopback", async () => {
    const args = ["--test-mode", "--transport", "http", "--insecure-no-auth"];
    const cwd = scratch();
    // The default port may be in use on the machine of the tests.
    writeFileSync(join(cwd, "config.json"), JSON.stringify(PLAIN));
    const server = await spawnHttp([...args, "config.json"], { cwd, leaky: true });
    expect((await server.rpc("tools/list", {}, { key: null })).status).toBe(200);
    const [warning] = server.serving.log().filter(({ msg }) => /API key/.test(msg));
    expect(warning).toMatchObject({ level: "warn" });
  });
});

const PLAIN = {
  proxmox: { host: "pve.example" },
  auth: {
    user: "mcp@pve",
    token_name: "server",
    token_value: "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee",
  },
  http: { port: 0 },
};

describe("it is refused to start", () => {
  test("without a config, where nobody could show a key", () => {
    const { status, stderr } = runServer(["--test-mode", "--transport", "http"]);
    expect(stderr).toMatch(/^error\[SCHEMA\]: \/http\/api_keys: .*--insecure-no-auth/);
    expect(status).toBe(5);
  });

  test("with a config that leaves open what must be closed", async () => {
    const { cwd } = await place({ enabled: true, host: "0.0.0.0" });
    const { status, error } = await statusAfterEnd(spawnServing(["config.json"], { cwd }));
    expect(error).toMatch(/^error\[SCHEMA\]: config.json.*\/http\/host: plain HTTP/);
    expect(status).toBe(5);
  });

  test.each(["/livez", "/readyz", "/metrics"])("with the endpoint at %s", async (path) => {
    const { cwd } = await place({ enabled: true, path });
    const { status, error } = await statusAfterEnd(spawnServing(["config.json"], { cwd }));
    expect(error).toMatch(/^error\[SCHEMA\]: config.json.* \/http\/path: http.path is /);
    expect(status).toBe(5);
  });

  test("where the port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const { cwd } = await place({ enabled: true, port });
    const { status, error } = await statusAfterEnd(spawnServing(["config.json"], { cwd }));
    expect(error).toBe(
      `error[LISTEN_FAILED]: /http/port: cannot listen on 127.0.0.1 port ${port}: the port is in use. ` +
        "Way out: end the program that listens there, or set http.port to a free one; 0 takes any.",
    );
    expect(status).toBe(5);
  });

  test.each([
    ["an address of another machine", "192.0.2.1", "no interface of this machine has the address"],
    ["a name without an address", "nowhere.invalid", "the name has no address"],
  ])("where the host is %s", async (_, host, reason) => {
    const http = { enabled: true, host, behind_tls_proxy: true, allowed_hosts: ["localhost"] };
    const { cwd } = await place(http);
    const { status, error } = await statusAfterEnd(spawnServing(["config.json"], { cwd }));
    expect(error).toContain(`/http/host: cannot listen on ${host} port 0: ${reason}`);
    expect(status).toBe(5);
  });

  test("with --insecure-no-auth where nothing is served over HTTP", async () => {
    const { cwd } = await place({ enabled: false });
    const args = ["--insecure-no-auth", "config.json"];
    const { status, error } = await statusAfterEnd(spawnServing(args, { cwd }));
    expect(error).toMatch(/^error\[USAGE\]: config.json.*: --insecure-no-auth goes with HTTP/);
    expect(status).toBe(2);
  });

  test.each<[readonly string[], object, number]>([
    [[], { enabled: true }, 5],
    [["--transport", "stdio"], { enabled: true }, 0],
    [["--insecure-no-auth"], { enabled: true }, 0],
    [["--insecure-no-auth"], { enabled: true, host: "192.0.2.1" }, 2],
    [["--insecure-no-auth"], {}, 2],
    [["--insecure-no-auth", "--transport", "stdio"], { enabled: true }, 2],
    [["--transport", "http"], {}, 5],
    [[], {}, 0],
  ])("and --test says so before, with %j and http %j", (args, http, status) => {
    const file = placeConfig({ ...PLAIN, http }, "http.json");
    expect(runServer(["--test", ...args, file]).status).toBe(status);
  });
});

describe("a config that changes while the server runs", () => {
  test("gives and takes API keys", async () => {
    const { cwd, write } = await place({ enabled: true });
    const { serving, ...server } = await spawnHttp(["config.json"], { cwd });
    expect((await server.rpc("tools/list")).status).toBe(200);
    const other = "example-key-of-another-client";
    const api_keys = { other: await sealer.seal(other, "/http/api_keys/other") };
    await write({ enabled: true, api_keys });
    await serving.logged(IN_FORCE);
    expect((await server.rpc("tools/list")).status).toBe(401);
    expect((await server.rpc("tools/list", {}, { key: other })).status).toBe(200);
    for (const key of [API_KEY, other]) expect(serving.stderr()).not.toContain(key);
  });

  test("that would let everybody in is not taken", async () => {
    const { cwd, write } = await place({ enabled: true });
    const { serving, ...server } = await spawnHttp(["config.json"], { cwd });
    await write({ enabled: true, api_keys: {} });
    expect(await serving.logged(NOT_TAKEN)).toMatchObject({
      error: { code: "SCHEMA", location: "/http/api_keys" },
    });
    expect((await server.rpc("tools/list")).status).toBe(200);
    expect((await server.rpc("tools/list", {}, { key: null })).status).toBe(401);
  });

  test("that turns HTTP off is checked as one for HTTP, and says that it needs a restart", async () => {
    const { cwd, write } = await place({ enabled: true });
    const { serving, ...server } = await spawnHttp(["config.json"], { cwd });
    await write({ enabled: false, api_keys: {} });
    await serving.logged(NOT_TAKEN);
    await write({ enabled: false });
    expect(await serving.logged("restart it to take")).toMatchObject({
      settings: ["http.enabled"],
    });
    expect((await server.rpc("tools/list")).status).toBe(200);
  });

  test("says which settings need a restart", async () => {
    const { cwd, write } = await place({ enabled: true });
    const { serving, ...server } = await spawnHttp(["config.json"], { cwd });
    await write({ enabled: true, path: "/elsewhere", port: 1 });
    expect(await serving.logged("restart it to take these settings")).toMatchObject({
      level: "warn",
      settings: ["http.port", "http.path"],
    });
    expect((await server.rpc("tools/list")).status).toBe(200);
  });

  test("tells clients that listen of other tools", async () => {
    const { cwd, write } = await place({ enabled: true });
    const server = await spawnHttp(["config.json"], { cwd });
    let told = (_: readonly string[]): void => {};
    const onChanged = (_: unknown, tools: readonly { readonly name: string }[] | null): void =>
      told(tools?.map(({ name }) => name) ?? []);
    await server.connect({ options: { listChanged: { tools: { onChanged, debounceMs: 0 } } } });
    const changed = new Promise<readonly string[]>((resolve) => {
      told = resolve;
    });
    await write({ enabled: true }, { policy: { deny: ["get_vms"] } });
    expect(await changed).not.toContain("get_vms");
  });
});

describe("over TLS", () => {
  const certified = async (): Promise<{
    ca: Authority;
    cwd: string;
    renew: () => Promise<string>;
  }> => {
    const ca = await authority();
    const { cwd } = await place({ enabled: true, tls: { cert: "cert.pem", key: "key.pem" } });
    const renew = async (): Promise<string> => {
      const { cert, key, fingerprint } = await ca.issue();
      replace(join(cwd, "cert.pem"), cert);
      replace(join(cwd, "key.pem"), key);
      return fingerprint;
    };
    return { ca, cwd, renew };
  };
  const shownBy = async (origin: string, { cert }: Authority): Promise<PeerCertificate> => {
    const { hostname, port } = new URL(origin);
    const socket = await new Promise<TLSSocket>((resolve, reject) => {
      const opening = connectTls({ host: hostname, port: Number(port), ca: cert }, () =>
        resolve(opening),
      );
      opening.once("error", reject);
    });
    const shown = socket.getPeerCertificate();
    socket.destroy();
    return shown;
  };

  test("it shows its certificate, and another one after a reload", async () => {
    const { ca, cwd, renew } = await certified();
    const first = await renew();
    const { url, origin, serving } = await spawnHttp(["config.json"], { cwd });
    expect(url).toMatch(/^https:/);
    expect((await shownBy(origin, ca)).fingerprint256).toBe(first);
    const second = await renew();
    while ((await serving.logged("the new config is")).msg !== IN_FORCE);
    expect((await shownBy(origin, ca)).fingerprint256).toBe(second);
  });

  test("a key that is not that of the certificate is not taken", async () => {
    const { ca, cwd, renew } = await certified();
    const first = await renew();
    const { origin, serving } = await spawnHttp(["config.json"], { cwd });
    replace(join(cwd, "key.pem"), (await ca.issue()).key);
    expect(await serving.logged(NOT_TAKEN)).toMatchObject({
      error: { code: "SCHEMA", file: "config.json", location: "/http/tls/key" },
    });
    expect((await shownBy(origin, ca)).fingerprint256).toBe(first);
  });

  test.each<[string, (cwd: string, ca: Authority) => void | Promise<void>, string, string]>([
    ["is not there", () => {}, "FILE_NOT_FOUND", "/http/tls/cert"],
    [
      "is cut in the middle of its chain",
      async (cwd, ca) => {
        const { cert, key } = await ca.issue();
        const chain = cert + ca.cert.slice(0, ca.cert.length / 2);
        writeFileSync(join(cwd, "cert.pem"), chain);
        writeFileSync(join(cwd, "key.pem"), key);
      },
      "SCHEMA",
      "/http/tls/cert",
    ],
    ["holds none", (cwd) => writeFileSync(join(cwd, "cert.pem"), "x"), "SCHEMA", "/http/tls/cert"],
    [
      "has no key",
      (cwd, { cert }) => writeFileSync(join(cwd, "cert.pem"), cert),
      "FILE_NOT_FOUND",
      "/http/tls/key",
    ],
    [
      "has another one in the place of its key",
      (cwd, { cert }) => {
        writeFileSync(join(cwd, "cert.pem"), cert);
        writeFileSync(join(cwd, "key.pem"), cert);
      },
      "SCHEMA",
      "/http/tls/key",
    ],
  ])("a certificate that %s is refused at start", async (_, prepare, code, location) => {
    const { ca, cwd } = await certified();
    await prepare(cwd, ca);
    const { status, error } = await statusAfterEnd(spawnServing(["config.json"], { cwd }));
    expect(error).toMatch(
      new RegExp(`^error\\[${code}\\]: config\\.json.* ${location}: .*Way out: `),
    );
    expect(status).toBe(5);
  });

  test("stdio needs no certificate that the config names", async () => {
    const { cwd } = await certified();
    const stdio = spawnServing(["--transport", "stdio", "config.json"], { cwd });
    await stdio.logged("serving over stdio");
  });

  test("TLS 1.1 is not spoken", async () => {
    const { ca, cwd, renew } = await certified();
    await renew();
    const { origin } = await spawnHttp(["config.json"], { cwd });
    const { hostname, port } = new URL(origin);
    const old = {
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.1",
      ciphers: "ALL:@SECLEVEL=0",
    } as const;
    const error = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
      const socket = connectTls({ host: hostname, port: Number(port), ca: ca.cert, ...old }, () =>
        reject(new Error("it was spoken")),
      );
      socket.once("error", resolve);
    });
    expect(error.code).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });
});
