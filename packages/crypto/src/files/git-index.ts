/** What git is about to commit: what its index holds, and not what stands in the work tree. */
import { ProxmoxMcpError } from "../errors.ts";
import { type Outcome, runCommand, withoutKeys } from "./run-command.ts";
import { systemReason } from "./system-error.ts";

/** What git runs in. */
export interface GitSurroundings {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly signal: AbortSignal;
}

/** A file that differs from the last commit, or is new. */
export interface StagedFile {
  /** Relative to the top of the repository, with `/`. */
  readonly path: string;
  /** The name of its content, for `readObjects`. */
  readonly object: string;
}

const TIME_LIMIT = 120_000;
const MAX_LIST = 256 * 1024 * 1024;
// Whatever the user's settings are, the form is this one. A file that was renamed is a new one.
const LIST: readonly [string, ...string[]] = [
  "diff",
  "--cached",
  "--raw",
  "-z",
  "--no-abbrev",
  "--no-renames",
  "--no-relative",
  "--no-ext-diff",
  "--ignore-submodules=all",
  "--diff-filter=ACMT",
];
const ENTRY = /^:\d+ (\d+) [0-9a-f]+ ([0-9a-f]+) [A-Z]$/;
const REGULAR = "100";
const NEWLINE = 10;

/**
 * Lists the regular files that are staged.
 *
 * @throws ProxmoxMcpError FILE_NOT_FOUND without git or outside of a repository, FILE_UNREADABLE for
 * whatever else git says, INTERRUPTED.
 */
export async function stagedFiles(surroundings: GitSurroundings): Promise<readonly StagedFile[]> {
  await git(["rev-parse", "--git-dir"], surroundings);
  const fields = (await git(LIST, surroundings)).split("\0");
  const files: StagedFile[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = "", object = ""] = ENTRY.exec(fields[at] ?? "") ?? [];
    if (mode.startsWith(REGULAR)) files.push({ path: fields[at + 1] ?? "", object });
  }
  return files;
}

/**
 * Reads contents, one at a time and in the order of their names.
 *
 * @param names of objects, or `:PATH` for what the index holds at that path.
 * @returns the bytes of each; `too large` beyond `maxBytes`, `undefined` where there is none.
 * @throws ProxmoxMcpError as `stagedFiles`.
 */
export async function* readObjects(
  names: readonly string[],
  maxBytes: number,
  { env, signal }: GitSurroundings,
): AsyncGenerator<Buffer | "too large" | undefined> {
  refuseInterrupted(signal);
  const { spawn } = await import("node:child_process");
  const child = spawn("git", ["cat-file", "--batch"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: environment(env),
    windowsHide: true,
    signal,
  });
  let trouble: unknown;
  child.on("error", (error) => {
    trouble = error;
  });
  // It ends before it has read all names only where something is wrong; the answers tell that.
  child.stdin.on("error", () => undefined);
  child.stdin.end(names.map((name) => `${name}\n`).join(""));
  let count = 0;
  try {
    for await (const object of objectsOf(child.stdout, maxBytes)) {
      // What it had answered before it was ended is still in the pipe.
      refuseInterrupted(signal);
      count += 1;
      yield object;
    }
  } finally {
    child.kill();
  }
  refuseInterrupted(signal);
  if (trouble !== undefined) throw notStarted(systemReason(trouble));
  if (count < names.length) throw failed("git cat-file ended too early");
}

function refuseInterrupted({ aborted }: AbortSignal): void {
  if (aborted) throw new ProxmoxMcpError("INTERRUPTED", "interrupted; nothing was changed");
}

/** Takes apart what `git cat-file --batch` prints, however it comes in pieces. */
export async function* objectsOf(
  pieces: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Buffer | "too large" | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let body: { readonly size: number; readonly parts: Buffer[]; length: number } | undefined;
  for await (const piece of pieces) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    for (;;) {
      if (body === undefined) {
        const end = rest.indexOf(NEWLINE);
        if (end < 0) break;
        const [, size] = /^[0-9a-f]+ blob (\d+)$/.exec(rest.toString("latin1", 0, end)) ?? [];
        rest = rest.subarray(end + 1);
        if (size === undefined) yield undefined;
        else body = { size: Number(size), parts: [], length: 0 };
      } else {
        // A line feed follows the content.
        const taken = rest.subarray(0, body.size + 1 - body.length);
        rest = rest.subarray(taken.length);
        body.length += taken.length;
        if (body.size <= maxBytes) body.parts.push(taken);
        if (body.length <= body.size) break;
        yield body.size > maxBytes ? "too large" : Buffer.concat(body.parts).subarray(0, body.size);
        body = undefined;
      }
    }
  }
}

async function git(
  [command, ...args]: readonly [string, ...string[]],
  surroundings: GitSurroundings,
): Promise<string> {
  const outcome = await runCommand({
    argv: ["git", command, ...args],
    env: environment(surroundings.env),
    timeLimit: TIME_LIMIT,
    signal: surroundings.signal,
    maxOutput: MAX_LIST,
    keepComplaint: true,
  });
  if (outcome.kind === "done") return outcome.output;
  throw errorOf(outcome, command);
}

function environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...withoutKeys(env), LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };
}

function errorOf(outcome: Exclude<Outcome, { kind: "done" }>, command: string): ProxmoxMcpError {
  switch (outcome.kind) {
    case "interrupted":
      return new ProxmoxMcpError("INTERRUPTED", "interrupted; nothing was changed");
    case "not started":
      return notStarted(outcome.reason);
    case "failed": {
      const [complaint = ""] = outcome.complaint.trim().split("\n");
      if (/not a git repository/.test(complaint)) {
        return new ProxmoxMcpError("FILE_NOT_FOUND", "this directory is in no git repository", {
          hint: "run it in one, or name the files to scan",
        });
      }
      return failed(`git ${command} ${outcome.trouble}${complaint && `: ${complaint}`}`);
    }
  }
}

function notStarted(reason: string): ProxmoxMcpError {
  return new ProxmoxMcpError("FILE_NOT_FOUND", `git cannot be started: ${reason}`, {
    hint: "install git, or name the files to scan",
  });
}

function failed(trouble: string): ProxmoxMcpError {
  return new ProxmoxMcpError("FILE_UNREADABLE", `what is staged cannot be read: ${trouble}`, {
    hint: "see what `git status` says, or name the files to scan",
  });
}
