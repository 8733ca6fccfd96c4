/** Runs the built tool as its users do: as a process, in a directory and a home of its own. */
import { spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished, vi } from "vitest";

// A process takes a tenth of a second; on a machine that is busy it may take a hundred times that.
vi.setConfig({ testTimeout: 60_000 });
const KILL_AFTER = 30_000;

/** The binary that package managers link. */
export const BINARY: string = fileURLToPath(
  new URL("../bin/proxmox-mcp-encrypt.cjs", import.meta.url),
);

/** How a process is started; by default with nothing on stdin, and no key but that in its home. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** What stdin gives before it ends. Default: nothing at all. */
  readonly input?: string | Uint8Array;
  /** Programs that run the tool, with their arguments: `setpriv`, `prlimit`, `sh -c`. */
  readonly through?: readonly string[];
  /** Another copy of the tool. */
  readonly binary?: string;
  /** What stdout is, where it is not a pipe that is read to its end. */
  readonly stdout?: "full device" | "closed pipe";
}

/** What a user sees of a finished process. */
export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place to run the tool in. */
export interface Cli {
  /** Where the tool is started. */
  readonly directory: string;
  readonly home: string;
  readonly keyFile: string;
  /** A path in the directory. */
  path(name: string): string;
  /** Writes a file, in the directory or by an absolute path, with its parents. */
  write(name: string, content: string | Uint8Array, mode?: number): void;
  read(name: string): string;
  /** Permission bits, as in `600`. */
  mode(name: string): string;
  run(argv: readonly string[], surroundings?: Surroundings): Promise<Outcome>;
  /** Every name in the directory and the home, with mode, owner and bytes. */
  snapshot(): readonly string[];
}

/**
 * Makes a place that goes when the test has finished.
 *
 * @param whenFinished tests that run beside others take it from their context.
 */
export function createCli(whenFinished: (goAway: () => void) => void = onTestFinished): Cli {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "proxmox-mcp-cli-")));
  // Another user must be able to come in, for the tests of permissions.
  chmodSync(root, 0o755);
  whenFinished(() => rmSync(root, { recursive: true, force: true }));
  const directory = join(root, "work");
  const home = join(root, "home");
  mkdirSync(directory);
  mkdirSync(home);
  const path = (name: string) => (name.startsWith("/") ? name : join(directory, name));
  return {
    directory,
    home,
    keyFile: join(home, ".proxmox_mcp_key"),
    path,
    write(name, content, mode = 0o644) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), content);
      chmodSync(path(name), mode);
    },
    read: (name) => readFileSync(path(name), "utf8"),
    mode: (name) => (statSync(path(name)).mode & 0o7777).toString(8),
    run: (argv, surroundings = {}) => run(argv, { directory, home, ...surroundings }),
    snapshot: () => [...contents(root, "")].sort(),
  };
}

/** The environment of a test's process: nothing that the developer's own shell has set. */
export function cleanEnvironment(home: string): Record<string, string> {
  const { PATH = "", SYSTEMROOT } = process.env;
  return { PATH, HOME: home, USERPROFILE: home, ...(SYSTEMROOT && { SYSTEMROOT }) };
}

async function run(
  argv: readonly string[],
  {
    directory,
    home,
    env,
    input,
    through = [],
    binary = BINARY,
    stdout,
  }: Surroundings & { directory: string; home: string },
): Promise<Outcome> {
  const [program = "", ...rest] = [...through, process.execPath, binary, ...argv];
  const device = stdout === "full device" ? openSync("/dev/full", "w") : undefined;
  const child = spawn(program, rest, {
    cwd: directory,
    env: { ...cleanEnvironment(home), ...env },
    timeout: KILL_AFTER,
    killSignal: "SIGKILL",
    stdio: [input === undefined ? "ignore" : "pipe", device ?? "pipe", "pipe"],
  });
  if (device !== undefined) closeSync(device);
  if (stdout === "closed pipe") child.stdout?.destroy();
  // A tool that fails early does not read what it is given.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  const ended = new Promise<Pick<Outcome, "status" | "signal">>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ status, signal }));
  });
  const readable = stdout === undefined ? child.stdout : null;
  const [written, talk, { status, signal }] = await Promise.all([
    readable === null ? "" : text(readable),
    child.stderr === null ? "" : text(child.stderr),
    ended,
  ]);
  return { status, signal, stdout: written, stderr: talk };
}

function* contents(directory: string, prefix: string): Generator<string> {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const stat = lstatSync(path);
    const head = `${prefix}${name} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid}`;
    if (stat.isDirectory()) {
      yield head;
      yield* contents(path, `${prefix}${name}/`);
    } else if (stat.isSymbolicLink()) {
      yield `${head} -> ${readlinkSync(path)}`;
    } else {
      yield `${head} ${stat.isFile() ? readFileSync(path, "latin1") : ""}`;
    }
  }
}
