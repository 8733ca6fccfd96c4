/** Reading a key text from the source that was chosen. */
import type { ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { ProxmoxMcpError } from "../errors.ts";
import type { KeySource } from "../key/source.ts";
import { type KeyReading, MAX_KEY_BYTES, readKeyFile, refuseEmptyKey } from "./key-file.ts";

/** What a key command runs with. */
export interface KeyCommandOptions {
  /** Milliseconds until a command counts as hung. Default: 30 000. */
  readonly timeLimit?: number;
  /** The environment it inherits, less every variable that could hold a key. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** Once aborted, the command is ended and nobody waits for it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a key text.
 *
 * A command runs without a shell and with nothing on its standard input; it must end with status 0
 * and print at most 64 KiB. Nothing it prints ever gets into an error.
 *
 * @throws ProxmoxMcpError KEY_UNREADABLE, KEY_EMPTY, both naming the source.
 */
export async function readKeyText(
  source: KeySource,
  options: KeyCommandOptions = {},
): Promise<KeyReading> {
  if (source.kind === "file") return readKeyFile(source.path);
  const text =
    source.kind === "variable"
      ? source.text
      : await runKeyCommand(source.argv, source.from, options);
  refuseEmptyKey(text, source.from);
  return { text, warnings: [] };
}

async function runKeyCommand(
  argv: readonly string[],
  from: string,
  options: KeyCommandOptions,
): Promise<string> {
  // biome-ignore lint/style/noProcessEnv: a key command runs as it would in the user's own shell
  const { timeLimit = 30_000, env = process.env, signal: interruption } = options;
  const { spawn } = await import("node:child_process");
  const [command = "", ...args] = argv;
  return await new Promise((resolve, reject) => {
    let child: ChildProcessByStdio<null, Readable, null>;
    try {
      child = spawn(command, args, {
        stdio: ["ignore", "pipe", "ignore"],
        env: withoutKeys(env),
        windowsHide: true,
      });
    } catch {
      // Some reasons why a command cannot start are thrown, the others come as an event.
      return reject(commandError(command, from, "could not be started"));
    }
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (error: ProxmoxMcpError): void => {
      clearTimeout(timer);
      interruption?.removeEventListener("abort", interrupt);
      child.kill("SIGKILL");
      // What the command started may live on and hold the pipe; nobody waits for that. There is no
      // pipe at all where the system had no descriptor left for one.
      child.stdout?.destroy();
      reject(error);
    };
    const fail = (reason: string): void => end(commandError(command, from, reason));
    const interrupt = (): void =>
      end(new ProxmoxMcpError("INTERRUPTED", "interrupted; nothing was changed"));
    interruption?.addEventListener("abort", interrupt);
    const timer = setTimeout(() => fail(`did not end within ${timeLimit / 1000} s`), timeLimit);
    child.stdout?.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_KEY_BYTES) fail(`printed more than ${MAX_KEY_BYTES} bytes`);
    });
    child.on("error", () => fail("could not be started"));
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      interruption?.removeEventListener("abort", interrupt);
      if (status === 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else fail(signal === null ? `ended with status ${status}` : `died of ${signal}`);
    });
  });
}

function commandError(command: string, from: string, reason: string): ProxmoxMcpError {
  return new ProxmoxMcpError("KEY_UNREADABLE", `${from}: the command ${command} ${reason}`, {
    hint: "run it by hand: it must print the key text, and nothing else, and end with status 0",
  });
}

function withoutKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !name.toUpperCase().startsWith("PROXMOX_MCP_MASTER_KEY"),
    ),
  );
}
