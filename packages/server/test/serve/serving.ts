/** The built server as a process, with a client's end of its pipes. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Sealer } from "@proxmox-mcp/crypto";
import { expect, onTestFinished } from "vitest";
import type { Host } from "../proxmox/host.ts";
import { expectNothingLeaks, KEY, SECRET, sealer } from "../run-server.ts";

const BINARY = fileURLToPath(new URL("../../bin/proxmox-mcp-server.cjs", import.meta.url));

export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Serving {
  readonly process: ChildProcessWithoutNullStreams;
  /** Sends a request. @returns the whole answer. */
  request(method: string, params?: object): Promise<Answer>;
  /** Calls a tool without arguments. @returns its text. */
  call(tool: string): Promise<string>;
  /** Waits for the next line of log or audit log with this text, after those that were waited for. */
  logged(text: string): Promise<LogLine>;
  /** Everything on stderr so far. */
  readonly stderr: () => string;
  /** The log so far, without the lines of the audit log. */
  readonly log: () => readonly LogLine[];
  /** The exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface Answer {
  readonly id: number;
  readonly result?: {
    readonly isError?: boolean;
    readonly content?: readonly { readonly text: string }[];
    readonly tools?: readonly { readonly name: string }[];
  };
  readonly error?: { readonly code: number; readonly message: string };
}

export interface ServingOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly leaky?: boolean;
}

/** A config for a host of the tests, with a sealed token. */
export async function configFor(
  { port, identity }: Pick<Host, "port" | "identity">,
  more: { proxmox?: object; seal?: Sealer; [section: string]: unknown } = {},
): Promise<string> {
  const { proxmox, seal = sealer, ...sections } = more;
  const { fingerprint } = identity;
  return JSON.stringify({
    proxmox: { host: "127.0.0.1", port, fingerprint, retry_attempts: 0, ...proxmox },
    auth: {
      user: "mcp@pve",
      token_name: "server",
      token_value: await seal.seal(SECRET, "/auth/token_value"),
    },
    ...sections,
  });
}

/** Starts the server with nothing of this process's environment but PATH, and greets it. */
export async function startServing(
  args: readonly string[],
  options: ServingOptions,
): Promise<Serving> {
  const serving = spawnServing(args, options);
  await serving.request("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  send(serving.process, { method: "notifications/initialized" });
  return serving;
}

/** Starts the server and says nothing to it. */
export function spawnServing(
  args: readonly string[],
  { cwd, env = { PROXMOX_MCP_MASTER_KEY: KEY }, leaky = false }: ServingOptions,
): Serving {
  const child = spawn(process.execPath, [BINARY, ...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  const lines: string[] = [];
  const answers = new Map<number, (answer: Answer) => void>();
  createInterface(child.stdout).on("line", (line) => {
    lines.push(line);
    const message = JSON.parse(line) as Answer;
    answers.get(message.id)?.(message);
  });
  let stderr = "";
  let heard = 0;
  let wake = (): void => {};
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
    wake();
  });
  child.stdin.on("error", () => {});
  void ended.then(() => wake());
  const written = () =>
    stderr
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as LogLine);
  const log = () => written().filter(({ level }) => level !== undefined);
  let id = 0;

  const serving: Serving = {
    process: child,
    ended,
    log,
    stderr: () => stderr,
    request(method, params = {}) {
      id += 1;
      const answer = new Promise<Answer>((resolve) => answers.set(id, resolve));
      send(child, { id, method, params });
      return answer;
    },
    async call(tool) {
      const { result } = await serving.request("tools/call", { name: tool, arguments: {} });
      return result?.content?.map(({ text }) => text).join("") ?? "";
    },
    async logged(text) {
      for (;;) {
        const found = written().findIndex(
          (line, index) => index >= heard && JSON.stringify(line).includes(text),
        );
        const line = written()[found];
        if (line !== undefined) {
          heard = found + 1;
          return line;
        }
        if (child.exitCode !== null) throw new Error(`it ended without "${text}":\n${stderr}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
    if (!leaky) expectNothingLeaks(lines.join("\n") + stderr);
  });
  return serving;
}

function send({ stdin }: ChildProcessWithoutNullStreams, message: object): void {
  stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}
