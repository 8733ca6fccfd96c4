/** Reads what strace wrote: the calls of a program, and what was done to them. */

// A question mark passes over a name that this processor's kernel does not have.
const READS =
  "access faccessat faccessat2 flock fstat getdents64 lstat newfstatat pread64 read readlink readlinkat stat statx";
const CHANGES =
  "chmod chown close copy_file_range creat fallocate fchmod fchmodat fchown fchownat fdatasync fsync ftruncate link linkat " +
  "mkdir mkdirat open openat pwrite64 pwritev rename renameat renameat2 rmdir sendfile symlink symlinkat truncate unlink " +
  "unlinkat utimensat write writev";

/** Every call by which a program sees or changes files. */
export const DISK_CALLS: readonly string[] = `${READS} ${CHANGES}`.split(" ");
const CHANGING = new Set(CHANGES.split(" "));

/** One call of one thread. */
export interface Call {
  /** As the kernel numbers them; that of the first call is the main one. */
  readonly thread: string;
  readonly name: string;
  /** Its number among the calls of this name in its thread, from 1: what `when=` counts. */
  readonly when: number;
  /** The files that it names or that its descriptors are open on. */
  readonly paths: readonly string[];
  /** Whether the disk may differ after it. */
  readonly changes: boolean;
  /** Whether it got a fault. */
  readonly injected: boolean;
}

/** What strace does to the call of this number, in every thread that gets so far. */
export interface Fault {
  readonly name: string;
  readonly when: number;
  /**
   * The name of an error, such as `ENOSPC`; `KILL` for an end before the call has any effect; another
   * signal by its whole name, such as `SIGTERM`: it comes with the end of the call.
   */
  readonly kind: string;
  /** Whether all later calls of this name fail too. */
  readonly lasting?: boolean;
  /** Absolute paths: calls on other files are neither seen, counted nor touched. */
  readonly among?: readonly string[] | undefined;
}

/** What a trace tells. */
export interface Trace {
  /** In their order. */
  readonly calls: readonly Call[];
  /** Whether a process was killed. */
  readonly killed: boolean;
}

/** Reads a trace. */
export function readTrace(text: string, fault: Fault | undefined): Trace {
  const calls: (Call & { injected: boolean })[] = [];
  const counts = new Map<string, number>();
  const unfinished = new Map<string, Call & { injected: boolean }>();
  let killed = false;
  for (const line of text.split("\n")) {
    const [, thread = "", what = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const name = /^([a-z][a-z0-9_]*)\(/.exec(what)?.[1];
    if (name !== undefined) {
      const when = (counts.get(`${thread} ${name}`) ?? 0) + 1;
      counts.set(`${thread} ${name}`, when);
      const injected =
        what.endsWith("(INJECTED)") ||
        (fault !== undefined && isSignal(fault) && when === fault.when);
      const call = {
        thread,
        name,
        when,
        paths: pathsOf(what),
        changes: CHANGING.has(name) && !isReadOnlyOpen(what),
        injected,
      };
      calls.push(call);
      if (what.endsWith("<unfinished ...>")) unfinished.set(thread, call);
    } else if (what.startsWith("<... ")) {
      const call = unfinished.get(thread);
      unfinished.delete(thread);
      if (call !== undefined && what.endsWith("(INJECTED)")) call.injected = true;
    } else if (what.startsWith("+++ killed by SIGKILL")) killed = true;
  }
  return { calls, killed };
}

function isReadOnlyOpen(what: string): boolean {
  return (
    /^(open|openat|close)\(/.test(what) && !what.includes("O_CREAT") && !what.includes("O_TRUNC")
  );
}

function pathsOf(what: string): readonly string[] {
  // The directory that relative names are read from is in itself no file that is touched.
  const named = what.replace(/\) += .*$/, "").replace(/AT_FDCWD<[^>]*>/g, "");
  return [...named.matchAll(/"(\/[^"]*)"|\d<(\/[^>]*)>/g)].map(
    ([, quoted, open]) => quoted ?? open ?? "",
  );
}

/** Whether a fault is a signal. */
export function isSignal({ kind }: Pick<Fault, "kind">): boolean {
  return kind === "KILL" || kind.startsWith("SIG");
}
