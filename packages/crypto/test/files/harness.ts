/** Temporary directories and real second processes for the tests of `files/`. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { ProxmoxMcpError } from "../../src/errors.ts";
import type { TestChange } from "./commit.ts";

/** A fresh directory for each test of a file; others may enter it. */
export function useDirectory(): () => string {
  let directory = "";
  beforeEach(() => {
    directory = makeDirectory();
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  return () => directory;
}

function makeDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "proxmox-mcp-files-")));
  chmodSync(directory, 0o755);
  return directory;
}

/** What is in a directory, sorted. */
export function names(directory: string): string[] {
  return readdirSync(directory).sort();
}

/** Every text below a directory, by its path in it; those of locks left out. Links are not followed. */
export function texts(directory: string): Record<string, string> {
  const found = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== ".proxmox-mcp.lock")
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    found.sort().map((path) => [relative(directory, path), readFileSync(path, "utf8")]),
  );
}

/** Permission bits in octal. */
export function mode(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

/** The error that a piece of work ends with. */
export async function failure(work: () => unknown): Promise<ProxmoxMcpError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** What `child.ts` can be asked to do. */
export type Job =
  | { do: "replace"; target: string; expectedHash: string; data: string; pause?: boolean }
  | {
      do: "create";
      path: string;
      data: string;
      mode: number;
      pause?: boolean;
      owner?: { uid: number; gid: number };
    }
  | { do: "create-key"; path: string; text: string }
  | { do: "read-key"; path: string }
  | { do: "is-writable-key"; path: string }
  | { do: "write-pending-key"; home: string; text: string }
  | { do: "read"; path: string }
  | {
      do: "commit";
      changes: readonly TestChange[];
      /** The event before which it stops for ever: making and verifying a text, progress. From 1. */
      stopAt?: number;
    }
  | { do: "recover"; directories: string[]; wish?: "finish" | "abort" }
  | { do: "hold"; directories: string[]; operation: string }
  | { do: "find"; directory: string };

/** What it answers. */
export interface Answer {
  ok: boolean;
  code?: string;
  message?: string;
  hint?: string;
  value?: unknown;
}

/** Where and as whom a child runs. */
export interface Surroundings {
  /** Octal. */
  umask?: string;
  /** Kilobytes that a file may have. */
  fileLimit?: number;
  /** As a user who is not root. */
  ordinaryUser?: boolean;
  path?: string;
  /** Linux, as root: a file that is mounted over another one. */
  mountedOver?: [file: string, mountPoint: string];
}

/** Whether a child can be run as a user who is not root. */
export const canDropRoot: boolean =
  process.getuid?.() !== 0 ||
  spawnSync("setpriv", ["--reuid", "65534", "--clear-groups", "true"]).status === 0;

const MOUNT = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';

/** Builds the child program once for a test file. @returns how to start it. */
export function useChild(): Child {
  let home = "";
  beforeAll(async () => {
    home = makeDirectory();
    await build({
      entryPoints: [fileURLToPath(new URL("./child.ts", import.meta.url))],
      outfile: join(home, "child.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
    });
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const command = (
    job: Job,
    around: Surroundings,
  ): [string, string[], { env: NodeJS.ProcessEnv }] => {
    const argv = child.argv(job);
    if (around.ordinaryUser && process.getuid?.() === 0) {
      argv.unshift("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups");
    }
    const umask = around.umask === undefined ? "" : `umask ${around.umask}; `;
    const limit = around.fileLimit === undefined ? "" : `ulimit -f ${around.fileLimit}; `;
    const [file, point] = around.mountedOver ?? [];
    if (point !== undefined)
      argv.unshift("unshare", "-m", "sh", "-c", MOUNT, "sh", file ?? "", point);
    const env = { ...process.env, ...(around.path === undefined ? {} : { PATH: around.path }) };
    return umask + limit === ""
      ? [argv[0] ?? "", argv.slice(1), { env }]
      : ["/bin/sh", ["-c", `${umask}${limit}exec "$@"`, "sh", ...argv], { env }];
  };
  const child: Child = {
    argv: (job) => [process.execPath, join(home, "child.mjs"), JSON.stringify(job)],
    run(job, around = {}) {
      const [file, args, options] = command(job, around);
      const { stdout, stderr, status } = spawnSync(file, args, { ...options, encoding: "utf8" });
      const last = stdout.trim().split("\n").at(-1) ?? "";
      if (last === "") throw new Error(`the child said nothing (${status}): ${stderr}`);
      return JSON.parse(last) as Answer;
    },
    async start(job, around = {}) {
      const [file, args, options] = command(job, around);
      const child = spawn(file, args, { ...options, stdio: ["pipe", "pipe", "inherit"] });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const next = async (): Promise<string> => (await lines.next()).value ?? "";
      const first = await next();
      if (first !== "paused") throw new Error(`the child did not get as far: ${first}`);
      return {
        child,
        async goOn() {
          child.stdin.end("\n");
          return JSON.parse(await next()) as Answer;
        },
        async kill() {
          const ended = new Promise((resolve) => child.once("exit", resolve));
          child.kill("SIGKILL");
          await ended;
        },
      };
    },
  };
  return child;
}

/** The child program. */
export interface Child {
  /** The command that runs a job. */
  argv(job: Job): string[];
  /** Runs a job to its end. */
  run(job: Job, around?: Surroundings): Answer;
  /** Runs a job up to the point where it holds its locks and waits. */
  start(job: Job, around?: Surroundings): Promise<PausedChild>;
}

/** A child that holds its locks. */
export interface PausedChild {
  child: ChildProcess;
  goOn(): Promise<Answer>;
  kill(): Promise<void>;
}
