/**
 * The built server over HTTP before a host that counts what it is asked, with marked secrets, a probe
 * inside it, and everything that it gives away kept to be searched for them.
 */
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { type SpawnedServer, spawnHttp } from "../http/http-session.ts";
import { KEY, sealer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { type NodesHost, startNodesHost } from "../serve/nodes-host.ts";
import { type Held, heldBy, PROBED } from "./held.ts";
import { type LeakDetector, leakDetector } from "./leaks.ts";

/** Marked examples, which nothing else looks like. */
export const RIGHT_KEY = "Kx7wQ-ma9RkEd_aPi.kEy~Zt3VnLe2";
export const SECOND_KEY = "Hs4vB-mu2RkEd_sEc.kEy~Yp8DgTf6";
const TOKEN = "Qz7m4rked-t0ken-2Bw-XkPexamp1e";

const leaks: LeakDetector = leakDetector({
  "an API key": RIGHT_KEY,
  "another API key": SECOND_KEY,
  token: TOKEN,
  "master key": KEY,
  "bytes of the master key": Buffer.from(KEY, "base64url"),
});

/** Bytes as they came, to the end of the connection. */
export interface Heard {
  readonly text: string;
  /** Of each answer, in their order. */
  readonly statuses: readonly number[];
}

export interface Said {
  /** Default: the text is all that is sent, and the sending end of the connection is closed. */
  readonly keepsOpen?: boolean;
  readonly from?: string;
}

export interface AbusedServer extends SpawnedServer {
  readonly host: NodesHost;
  readonly pid: number;
  readonly port: number;
  held(): Promise<Held>;
  /** Replaces the config, and waits until the server has taken or refused it. */
  reload(sections: Abuse): Promise<void>;
  /** Opens a connection that ends with the test; what comes over it is searched at the end. */
  open(from?: string): Socket;
  /** Sends text over a connection of its own, and waits for the end of the connection. */
  say(text: string | readonly string[], said?: Said): Promise<Heard>;
  /** Keeps what came in another way. */
  heard(text: string): void;
  /** The lines of the audit log. */
  audit(): readonly Readonly<Record<string, unknown>>[];
  /** Asserts that nothing given away holds a secret. @returns how many bytes were searched. */
  searched(): number;
}

export interface Abuse {
  readonly http?: object;
  /** Default: both. */
  readonly keys?: readonly ("example" | "second")[];
  readonly [section: string]: unknown;
}

/** Enough for whatever is not about limits. */
export const UNLIMITED = {
  rate_limit: { per_minute: 1_000_000, per_minute_per_address: 1_000_000 },
};

/** Starts it; it ends with the test. */
export async function startAbused(sections: Abuse = {}): Promise<AbusedServer> {
  const host = await startNodesHost("first");
  const cwd = scratch();
  const write = async (next: Abuse): Promise<void> => {
    writeFileSync(join(cwd, "next"), await configText(host, next), { mode: 0o600 });
    renameSync(join(cwd, "next"), join(cwd, "config.json"));
  };
  await write(sections);
  const env = { PROXMOX_MCP_MASTER_KEY: KEY, ...PROBED };
  const server = await spawnHttp(["--debug", "config.json"], { cwd, env });
  const { serving, url } = server;
  const { hostname, port } = new URL(url);
  const pid = serving.process.pid ?? 0;
  // Answers are alike but for their ids: each line is searched once.
  const lines = new Set<string>();
  const heard = (text: string): void => {
    for (const line of text.split("\r\n")) lines.add(line);
  };
  const open = (from?: string): Socket => {
    const local = from === undefined ? {} : { localAddress: from };
    const socket = connect({ host: hostname, port: Number(port), ...local });
    // Whoever is cut off sees it in what came before.
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  return {
    ...server,
    host,
    pid,
    port: Number(port),
    held: () => heldBy(serving),
    async reload(next) {
      await write(next);
      await serving.logged("the new config is");
    },
    open,
    say: (text, { keepsOpen = false, from } = {}) =>
      new Promise((resolve) => {
        const socket = open(from);
        let read = "";
        socket.setEncoding("latin1").on("data", (chunk: string) => {
          read += chunk;
        });
        socket.once("close", () => {
          heard(read);
          resolve({ text: read, statuses: statusesIn(read) });
        });
        for (const part of [text].flat()) socket.write(part, "latin1");
        if (!keepsOpen) socket.end();
      }),
    heard,
    audit: () => auditLines(cwd),
    searched() {
      const given = [...lines, serving.stderr(), ...filesOf(cwd)].join("\n");
      expect(leaks(given)).toEqual([]);
      return given.length;
    },
  };
}

/** One request as it stands on the wire. */
export function wireRequest(
  line: string,
  { headers = [], body = "" }: { headers?: readonly string[]; body?: string } = {},
): string {
  return [`${line} HTTP/1.1`, "Host: localhost", ...headers, "", body].join("\r\n");
}

/** A POST of this body to the endpoint, with a right key, in the era that has no handshake of its own. */
export function wirePost(body: string, headers: readonly string[] = []): string {
  return wireRequest("POST /api/mcp", {
    headers: [
      `Authorization: Bearer ${RIGHT_KEY}`,
      ...JSON_HEADERS,
      `Content-Length: ${Buffer.byteLength(body, "latin1")}`,
      ...headers,
    ],
    body,
  });
}

export const JSON_HEADERS: readonly string[] = [
  "Content-Type: application/json",
  "Accept: application/json, text/event-stream",
];

/** A call that asks the host once. */
export const CALL: string = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "get_nodes", arguments: {} },
});

const KEYS = { example: RIGHT_KEY, second: SECOND_KEY } as const;

async function configText(
  host: NodesHost,
  { http = {}, keys = ["example", "second"], ...sections }: Abuse,
): Promise<string> {
  const sealed = keys.map(async (name) => [
    name,
    await sealer.seal(KEYS[name], `/http/api_keys/${name}`),
  ]);
  const api_keys = Object.fromEntries(await Promise.all(sealed));
  return JSON.stringify({
    proxmox: {
      host: "127.0.0.1",
      port: host.port,
      fingerprint: host.identity.fingerprint,
      retry_attempts: 0,
    },
    auth: {
      user: "mcp@pve",
      token_name: "server",
      token_value: await sealer.seal(TOKEN, "/auth/token_value"),
    },
    audit: { file: "audit.jsonl" },
    http: { enabled: true, port: 0, api_keys, ...http },
    ...sections,
  });
}

function statusesIn(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
}

function auditLines(cwd: string): readonly Readonly<Record<string, unknown>>[] {
  return readFileSync(join(cwd, "audit.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function filesOf(cwd: string): readonly string[] {
  return readdirSync(cwd)
    .filter((name) => !name.startsWith("config.json"))
    .map((name) => readFileSync(join(cwd, name), "utf8"));
}
