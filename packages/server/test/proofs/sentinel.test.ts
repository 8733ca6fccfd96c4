/**
 * A marked token, a marked password and a marked key go through everything that the server does and
 * through many failures, with all logging on, and come out nowhere in any spelling.
 */
import { chmodSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSealer, generateMasterKey } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { type Handler, startHost } from "../proxmox/host.ts";
import { OTHER_KEY, runServer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { type Serving, spawnServing, startServing } from "../serve/serving.ts";
import { readAnswers } from "./answers.ts";
import { leakDetector } from "./leaks.ts";
import { startCluster } from "./stdio-client.ts";

/** Marked examples, made to look different in every spelling. */
const TOKEN = 'Qz7!"m4rked"+t0ken%2Bé\\w/XkPexample';
const PASSWORD = 'Vw9?"n0ted"&pass%41ö\\=/JhGexample';
const BYTES = Buffer.from(
  "c0ffee5eedfeed3fa7cede91adbeef5d03e1b2a79c48d6f05b7712ac3e8f90d4",
  "hex",
);
const master = generateMasterKey(() => BYTES);
const KEY = master.reveal();
const sealer = createSealer({
  key: master,
  random: (size) => Buffer.alloc(size, 7),
  now: () => new Date("2026-01-31T12:00:00Z"),
});

const leaks = leakDetector({
  token: TOKEN,
  password: PASSWORD,
  key: KEY,
  "bytes of the key": BYTES,
});

test("the detector finds what it is there for", () => {
  const spelled = [
    ...[TOKEN, PASSWORD, KEY].flatMap((secret) => [
      `x${secret}x`,
      JSON.stringify({ a: JSON.stringify(secret) }),
      encodeURIComponent(secret),
      Buffer.from(`head${secret}`).toString("base64"),
      Buffer.from(` ${secret}!`).toString("base64url"),
      Buffer.from(`PVEAPIToken=mcp@pve!server=${secret}`).toString("hex"),
      [...secret].reverse().join(""),
      secret.slice(5, 13),
      secret.slice(-8),
      JSON.stringify([...Buffer.from(secret)]),
    ]),
    BYTES.toString("hex").slice(8, 24),
  ];
  for (const text of spelled) expect(leaks(text), text).not.toEqual([]);
  expect(
    leaks("error[PROXMOX_UNAUTHORIZED]: 127.0.0.1:8006 does not accept mcp@pve!example"),
  ).toEqual([]);
});

type Auth = "token" | "password";
interface Place {
  readonly port: number;
  readonly fingerprint: string;
}

async function configOf(
  { port, fingerprint }: Place,
  auth: Auth,
  more: object = {},
): Promise<string> {
  const secret =
    auth === "token"
      ? { token_name: "example", token_value: await sealer.seal(TOKEN, "/auth/token_value") }
      : { password: await sealer.seal(PASSWORD, "/auth/password") };
  return JSON.stringify({
    proxmox: { host: "127.0.0.1", port, fingerprint, retry_attempts: 0 },
    auth: { user: "mcp@pve", ...secret },
    policy: { exec: { allow: ["**"] } },
    logging: { level: "DEBUG", file: "server.log" },
    ...more,
  });
}

/** A cluster that takes the marked token and the marked password. */
async function markedCluster(): Promise<Simulator> {
  const cluster = await startCluster({ delays: { unauthorized: 0 } });
  const user = cluster.state.access.users["mcp@pve"];
  Object.assign(user ?? {}, { password: PASSWORD });
  Object.assign(user?.tokens["example"] ?? {}, { secret: TOKEN });
  return cluster;
}

interface Marked {
  readonly server: Serving;
  readonly cwd: string;
  replace(name: string, text: string): void;
  /** Ends the server, and asserts that nothing of the marks got out of it. */
  end(): Promise<void>;
}

async function serveMarked(
  config: string,
  options: { env?: Record<string, string>; greet?: boolean; args?: readonly string[] } = {},
): Promise<Marked> {
  const cwd = scratch();
  const replace = (name: string, text: string): void => {
    writeFileSync(join(cwd, "next"), text, { mode: 0o600 });
    renameSync(join(cwd, "next"), join(cwd, name));
  };
  replace("config.json", config);
  replace("key", KEY);
  const args = options.args ?? ["--debug", "--key-file", "key", "config.json"];
  const start = options.greet === false ? spawnServing : startServing;
  const server = await start(args, { cwd, env: options.env ?? {} });
  const answers = readAnswers(server);
  return {
    server,
    cwd,
    replace,
    async end() {
      if (process.platform === "linux") expect(leaks(publicOf(server.process.pid))).toEqual([]);
      server.process.stdin.end();
      await server.ended;
      expect(leaks(answers.lines.join("\n"))).toEqual([]);
      expect(leaks(server.stderr())).toEqual([]);
      for (const name of readdirSync(cwd)) {
        expect(leaks(name)).toEqual([]);
        if (name !== "key" && name !== "config.json") {
          expect(leaks(readFileSync(join(cwd, name), "utf8")), name).toEqual([]);
        }
      }
    },
  };
}

/** What other users of the machine see of a process. */
function publicOf(pid: number | undefined): string {
  return ["cmdline", "comm", "status"]
    .map((name) => readFileSync(`/proc/${pid}/${name}`, "utf8"))
    .join("\n");
}

async function callEverything({ server }: Marked): Promise<readonly string[]> {
  const { result } = await server.request("tools/list");
  const args = { node: "pve1", vmid: 100, storage: "local", command: "echo done" };
  const upid = "UPID:pve1:00000001:00000001:00000001:vzdump:100:root@pam:";
  const texts: string[] = [];
  for (const tool of result?.tools ?? []) {
    const { required = [] } = (tool as { inputSchema?: { required?: string[] } }).inputSchema ?? {};
    const given = Object.entries({ ...args, upid }).filter(([name]) => required.includes(name));
    const call = { name: tool.name, arguments: Object.fromEntries(given) };
    const answer = await server.request("tools/call", call);
    texts.push(answer.result?.content?.map(({ text }) => text).join("") ?? "");
  }
  return texts;
}

describe.each<Auth>(["token", "password"])("with a %s", (auth) => {
  const secret = auth === "token" ? TOKEN : PASSWORD;

  test("a whole life: start, every tool, reloads, a rotation of logs, the end", async () => {
    const cluster = await markedCluster();
    const config = await configOf(cluster, auth);
    const marked = await serveMarked(config);
    const texts = await callEverything(marked);
    expect(texts.length).toBeGreaterThan(15);
    expect(texts.filter((text) => text.startsWith("error[")).length).toBeLessThan(5);
    const { server, cwd, replace } = marked;
    replace("config.json", config.replace('"DEBUG"', '"INFO"'));
    await server.logged("the new config is in force");
    chmodSync(join(cwd, "key"), 0o644);
    renameSync(join(cwd, "server.log"), join(cwd, "server.log.1"));
    server.process.kill("SIGHUP");
    await server.logged("the new config is in force");
    expect((await callEverything(marked)).length).toBe(texts.length);
    expect(statSync(join(cwd, "server.log")).size).toBeGreaterThan(0);
    await marked.end();
  });

  test("what a cluster refuses, and one that is another or gone", async () => {
    const cluster = await markedCluster();
    const marked = await serveMarked(await configOf(cluster, auth));
    const { server, replace } = marked;
    Object.assign(cluster.state.access, { grants: [] });
    expect(await server.call("get_cluster_status")).toMatch(/./);
    expect(await server.call("analyze_security_posture")).toMatch(/./);
    replace("config.json", await configOf({ ...cluster, fingerprint: "0".repeat(64) }, auth));
    await server.logged("the new config is in force");
    expect(await server.call("get_nodes")).toContain("PROXMOX_TLS");
    const user = cluster.state.access.users["mcp@pve"];
    Object.assign(user ?? {}, { password: "another", tokens: {} });
    replace("config.json", await configOf(cluster, auth));
    await server.logged("the new config is in force");
    expect(await server.call("get_nodes")).toContain("PROXMOX_UNAUTHORIZED");
    await cluster.stop();
    // What was refused is not sent again before a reload.
    server.process.kill("SIGHUP");
    await server.logged("the new config is in force");
    expect(await server.call("get_nodes")).toContain("PROXMOX_UNREACHABLE");
    await marked.end();
  });

  const echo =
    (status: number): Handler =>
    ({ headers, body, url }, response) => {
      const sent = `${headers.authorization ?? ""} ${headers.cookie ?? ""} ${body} ${secret}`;
      const said = `${url} ${sent} ${JSON.stringify(secret)} ${encodeURIComponent(secret)}`;
      const reason = Buffer.from(said.replace(/[\r\n]/g, " ")).toString("latin1");
      const errors = { [said]: said, password: said };
      response.writeHead(status, reason, { location: `/${encodeURIComponent(said)}` });
      response.end(JSON.stringify({ data: status < 300 ? said : null, message: said, errors }));
    };
  const raw =
    (text: string): Handler =>
    (_, __, socket) =>
      socket.end(text);
  const page: Handler = (_, response) =>
    response.writeHead(502, "Bad").end(`<html><h1>${secret}</h1></html>`);

  const HANDLERS: readonly (readonly [string, Handler])[] = [
    ...[200, 302, 400, 401, 403, 404, 500, 501, 595].map(
      (status) => [`${status} and what it was sent`, echo(status)] as const,
    ),
    ["a web page", page],
    ["plain text", (_, response) => response.writeHead(500, "Bad").end(secret)],
    ["half a body", raw(`HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{"data":"${secret}`)],
    ["no HTTP", raw(`${secret}\r\n\r\n`)],
    ["a broken header", raw(`HTTP/1.1 200 OK\r\n${secret}: x\r\n\r\n`)],
    ["nothing", (_, __, socket) => socket.destroy()],
  ];

  test("a host that sends back what it knows", async () => {
    let handler: Handler = page;
    const host = await startHost((...parts) => handler(...parts));
    const { port, identity } = host;
    const place = { port, fingerprint: identity.fingerprint };
    const marked = await serveMarked(await configOf(place, auth));
    for (const [name, next] of HANDLERS) {
      handler = next;
      for (const tool of ["get_nodes", "get_storage", "analyze_cluster_health"]) {
        expect(await marked.server.call(tool), name).toContain("error[");
      }
    }
    await marked.end();
  });

  test("Node's own debug output and a report of the running process", async () => {
    const cluster = await markedCluster();
    const marked = await serveMarked(await configOf(cluster, auth), {
      args: ["--debug", "config.json"],
      env: {
        PROXMOX_MCP_MASTER_KEY: KEY,
        NODE_DEBUG: "net,tls,http,https,undici,fetch,stream",
        NODE_OPTIONS:
          "--report-on-signal --report-uncaught-exception --report-filename=report.json",
      },
    });
    const { server, cwd } = marked;
    expect(await server.call("get_nodes")).toContain("pve1");
    server.process.kill("SIGUSR2");
    await reported(server);
    const report = JSON.parse(readFileSync(join(cwd, "report.json"), "utf8"));
    expect(report.environmentVariables).toHaveProperty("NODE_DEBUG");
    expect(report.environmentVariables).not.toHaveProperty("PROXMOX_MCP_MASTER_KEY");
    await marked.end();
  });
});

/** Settles once Node has said on stderr that a report is written. */
async function reported({ stderr, process: { stderr: stream } }: Serving): Promise<void> {
  while (!stderr().includes("Node.js report completed")) {
    await new Promise((resolve) => stream.once("data", resolve));
  }
}

test("no child gets a key, whatever it is called, and none is started but the key command", async () => {
  const cluster = await markedCluster();
  const marked = await serveMarked(await configOf(cluster, "token"), {
    args: ["--debug", "config.json"],
    env: {
      PROXMOX_MCP_MASTER_KEY_COMMAND: `sh -c 'tr "\\0" "\\n" < /proc/self/environ > environ; tr "\\0" " " < /proc/$PPID/cmdline > parent; cat key'`,
    },
  });
  expect(await marked.server.call("get_nodes")).toContain("pve1");
  expect(readFileSync(join(marked.cwd, "environ"), "utf8")).toContain("PATH=");
  expect(readFileSync(join(marked.cwd, "parent"), "utf8")).toContain("proxmox-mcp-server");
  await marked.end();
});

test("configs and keys in which they stand where they do not belong", async () => {
  const cluster = await markedCluster();
  const config = await configOf(cluster, "token");
  const secret = `${TOKEN} ${PASSWORD}`;
  const good = JSON.parse(config);
  const quoted = JSON.stringify(secret);
  const marked = await serveMarked(config);
  const bad: readonly (readonly [string, string])[] = [
    ["config.json", secret],
    ["config.json", `{"auth":{"token_value":${quoted.slice(0, -1)}`],
    ["config.json", `{"auth":${quoted}, "proxmox": ${quoted}}`],
    ["config.json", `{"auth":${quoted}, "${KEY}": 1}`],
    ["config.json", JSON.stringify({ ...good, proxmox: { host: secret, port: secret } })],
    ["config.json", JSON.stringify({ ...good, [KEY]: 1, auth: { user: secret } })],
    ["config.json", JSON.stringify({ ...good, logging: { level: secret, file: 5 } })],
    ["config.json", JSON.stringify({ ...good, policy: { exec: { allow: [`'${secret}`] } } })],
    ["config.json", JSON.stringify({ ...good, auth: { ...good.auth, token_value: `\${${KEY}}` } })],
    ["config.json", KEY],
    ["config.json", JSON.stringify({ ...good, proxmox: { host: KEY, fingerprint: KEY } })],
    ["key", `${KEY} ${KEY}`],
    ["key", KEY.slice(1)],
    ["key", `'${KEY}'`],
    ["key", secret],
    ["key", OTHER_KEY],
  ];
  for (const [name, text] of bad) {
    marked.replace(name, text);
    await marked.server.logged("not taken");
    expect(await marked.server.call("get_nodes")).toContain("pve1");
    // The health check tells the same by other code.
    const config = join(marked.cwd, "config.json");
    for (const flags of [["--test"], ["--test", "--json", "--debug"]]) {
      const args = [...flags, "--key-file", join(marked.cwd, "key"), config];
      const { status, stdout, stderr } = runServer(args);
      expect(status, stderr).not.toBe(0);
      expect([...leaks(stdout), ...leaks(stderr)], text).toEqual([]);
    }
    if (name === "key") marked.replace("key", KEY);
    else marked.replace("config.json", config);
  }
  await marked.end();
});
