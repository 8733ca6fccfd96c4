/** Programs in a root file system of their own. Linux, as root. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const SCRIPT = fileURLToPath(new URL("own-root.sh", import.meta.url));

/** Why there can be none here; `undefined` where there can. Says so on standard error. */
export function noOwnRoot(what: string): string | undefined {
  const made = spawnSync("unshare", ["--mount", "setpriv", "--version"], { encoding: "utf8" });
  if (process.getuid?.() === 0 && made.status === 0) return undefined;
  const reason = "it needs root, mount namespaces and setpriv";
  process.stderr.write(`${what} is not tried: ${reason}\n${made.stderr ?? ""}`);
  return reason;
}

/** How a program is run. */
export interface Running {
  /** The directory that is its root. */
  readonly root: string;
  /** Its user and group; 0 may write anywhere below. */
  readonly user: number;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Directories that it may write to. */
  readonly writable?: readonly string[];
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function commandOf(argv: readonly string[], { root, user, env }: Running): readonly string[] {
  const mode = user === 0 ? "rw" : "ro";
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const own = [SCRIPT, root, process.execPath, mode, String(user)];
  return ["--mount", ...own, "env", "-i", ...variables, ...argv];
}

const environment = ({ writable = [] }: Running): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  OWN_ROOT_WRITABLE: writable.join(" "),
});

/** Runs a program to its end. */
export function runInRoot(argv: readonly string[], running: Running): Outcome {
  const { status, stdout, stderr } = spawnSync("unshare", commandOf(argv, running), {
    env: environment(running),
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** A server that runs. It ends with the test. */
export interface Started {
  readonly process: ChildProcessWithoutNullStreams;
  /** Waits for the next line of its log with this text. */
  logged(text: string): Promise<Readonly<Record<string, unknown>>>;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** Everything that it wrote so far. */
  output(): string;
}

/** Starts a server. The process is the server itself: signals reach it. */
export function startInRoot(argv: readonly string[], running: Running): Started {
  const child = spawn("unshare", commandOf(argv, running), { env: environment(running) });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  const lines: string[] = [];
  let read = 0;
  let wake = (): void => {};
  const keep = (line: string): void => {
    lines.push(line);
    wake();
  };
  createInterface(child.stdout).on("line", keep);
  createInterface(child.stderr).on("line", keep);
  let isOver = false;
  void ended.then(() => {
    isOver = true;
    wake();
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    process: child,
    ended,
    output: () => lines.join("\n"),
    async logged(text) {
      for (;;) {
        const found = lines.findIndex((line, index) => index >= read && line.includes(text));
        if (found >= 0) {
          read = found + 1;
          return JSON.parse(lines[found] ?? "");
        }
        if (isOver) throw new Error(`it ended without "${text}":\n${lines.join("\n")}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
