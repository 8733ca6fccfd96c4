/** Places in which scenarios run: each with a tree of files that is put back before every run. */
import { execFile } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cleanEnvironment } from "../cli.ts";
import { isFull } from "./amount.ts";
import type { Fault } from "./calls.ts";
import { type Ended, type Program, runProgram } from "./program.ts";
import { fingerprint } from "./state.ts";
import { pause, type Traced, trace } from "./strace.ts";

const run = promisify(execFile);
const DIST = fileURLToPath(new URL("../../dist", import.meta.url));

// More than a third of the time of a whole sweep would go into derivations, which touch no file.
const SHORT = fileURLToPath(new URL("short-derivations.cjs", import.meta.url));
const DERIVING: readonly string[] = isFull ? ["--require", SHORT] : [];

// Which files a fault is to meet is said before they are there.
const SAME_IDS = fileURLToPath(new URL("same-ids.cjs", import.meta.url));
/** The id in all temporary names of a run whose fault meets certain files only. */
export const SAME_ID = "abababababababab";

/** A directory of its own for one run at a time. */
export interface Place {
  /** The files that a scenario is about; its home and its state directory are in it too. */
  readonly tree: string;
  /** Runs the tool. */
  run(argv: readonly string[], options?: RunOptions): Promise<Ended>;
  /** The same under strace. */
  trace(argv: readonly string[], options?: RunOptions & { fault?: Fault }): Promise<Traced>;
  /** Runs the tool, and does something else right after one of its calls. */
  pause(
    argv: readonly string[],
    after: Pick<Fault, "name" | "when">,
    meanwhile: () => void,
  ): Promise<Ended | undefined>;
  /** Keeps a copy of the tree: with modes, owners, times and hard links. */
  save(name: string): Promise<Saved>;
  restore(saved: Saved): Promise<void>;
}

/** A copy of a tree. */
export interface Saved {
  readonly path: string;
  /** Of the tree that was copied. */
  readonly fingerprint: string;
}

/** Two directories that a run can be started in, both outside the tree. */
export type From = "here" | "elsewhere";

/** How a run is started: by default here, with nothing on stdin. */
export interface RunOptions {
  readonly from?: From;
  readonly input?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Programs that run the tool, with their arguments. */
  readonly through?: readonly string[];
}

/** A few places that are gone when the test has finished. @param whenFinished of the test's context. */
export function createPlaces(
  count: number,
  whenFinished: (goAway: () => void) => void,
  on: "memory" | "disk" = "memory",
): readonly Place[] {
  // Whoever judges the files derives as the program does. A suite without such a place derives as ever.
  if (isFull) createRequire(import.meta.url)(SHORT);
  const base = on === "memory" ? fastDirectory() : tmpdir();
  const root = realpathSync(mkdtempSync(join(base, "proxmox-mcp-faults-")));
  chmodSync(root, 0o755);
  whenFinished(() => rmSync(root, { recursive: true, force: true }));
  // A build meanwhile must not change the program under test half-way.
  const binary = join(root, "dist", "bin.cjs");
  cpSync(DIST, dirname(binary), { recursive: true, preserveTimestamps: true });
  return Array.from({ length: count }, (_, index) =>
    createPlace(join(root, String(index)), binary),
  );
}

function createPlace(root: string, binary: string): Place {
  const tree = join(root, "tree");
  for (const name of ["tree", "here", "elsewhere", "saved"])
    mkdirSync(join(root, name), { recursive: true });
  const program = (
    argv: readonly string[],
    { from = "here", input, through = [], env }: RunOptions,
    preloaded: readonly string[] = [],
  ): Program => ({
    argv: [...through, process.execPath, ...DERIVING, ...preloaded, binary, ...argv],
    cwd: join(root, from),
    env: { ...cleanEnvironment(join(tree, "home")), XDG_STATE_HOME: join(tree, "state"), ...env },
    input,
  });
  return {
    tree,
    run: (argv, options = {}) => runProgram(program(argv, options)),
    trace(argv, options = {}) {
      const { fault } = options;
      const preloaded = fault?.among === undefined ? [] : ["--require", SAME_IDS];
      return trace(program(argv, options, preloaded), join(root, "trace"), fault);
    },
    pause: (argv, after, meanwhile) =>
      pause(program(argv, {}), join(root, "trace"), after, meanwhile),
    async save(name) {
      const path = join(root, "saved", name);
      await copy(tree, path);
      return { path, fingerprint: fingerprint(tree) };
    },
    restore: ({ path }) => copy(path, tree),
  };
}

async function copy(from: string, to: string): Promise<void> {
  rmSync(to, { recursive: true, force: true });
  // Node's own copy makes two files of two hard links.
  await run("cp", ["--archive", from, to]);
}

// In memory a flush costs nothing, and nothing else differs.
function fastDirectory(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}
