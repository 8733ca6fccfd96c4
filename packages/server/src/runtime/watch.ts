/**
 * Watching files by their directories.
 *
 * A watch on a file ends when the file is replaced, and editors, our own commands and Kubernetes all
 * replace files or the links that lead to them. So every step of a path is watched where it stands:
 * each directory for one name in it, and for a symbolic link the steps of its target as well.
 */
import { type FSWatcher, readlinkSync, realpathSync, statSync, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Log } from "../log/log.ts";

/** Milliseconds that further changes are waited for after a first one. */
const BURST = 100;
const MAX_LINKS = 40;

/** Files that are being watched. */
export interface Watch {
  /** Asks anew which files are to be watched. */
  update(): void;
  close(): void;
}

interface Watched {
  readonly identity: string;
  readonly watcher: FSWatcher;
}

/**
 * Watches files, whether they are there yet or not. Does not keep the process alive.
 *
 * @param files which ones; asked again after every change.
 * @param changed called after a burst of changes to one of the files or to what leads there. It may
 * hold the same as before.
 */
export function watchFiles(files: () => readonly string[], changed: () => void, log: Log): Watch {
  let wanted: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  const watched = new Map<string, Watched>();
  let timer: NodeJS.Timeout | undefined;

  const wake = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      update();
      changed();
    }, BURST);
  };
  const update = (): void => {
    wanted = stepsOf(files());
    for (const [directory, { identity, watcher }] of watched) {
      if (wanted.has(directory) && identityOf(directory) === identity) continue;
      watcher.close();
      watched.delete(directory);
    }
    for (const directory of wanted.keys()) {
      if (!watched.has(directory)) watchDirectory(directory);
    }
  };
  const watchDirectory = (directory: string): void => {
    const identity = identityOf(directory);
    if (identity === undefined) return;
    try {
      const watcher = watch(directory, { persistent: false }, (_, name) => {
        if (name === null || wanted.get(directory)?.has(name) === true) wake();
      });
      watcher.on("error", (error) => {
        watcher.close();
        watched.delete(directory);
        log("debug", "a directory is watched no more", { directory, error });
        wake();
      });
      watched.set(directory, { identity, watcher });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A directory above the file that may not be read is common, and no loss as a rule.
      const grave = code === "ENOSPC" || code === "EMFILE";
      const message = "a directory cannot be watched; after a change there, send SIGHUP";
      log(grave ? "warn" : "debug", message, { directory, reason: code });
    }
  };

  update();
  return {
    update,
    close() {
      clearTimeout(timer);
      for (const { watcher } of watched.values()) watcher.close();
      watched.clear();
    },
  };
}

/** The names that lead to files, by the directories that they stand in. */
function stepsOf(files: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const steps = new Map<string, Set<string>>();
  for (const file of files) addSteps(resolve(file), steps, MAX_LINKS);
  return steps;
}

/** @returns how many links may still be followed. */
function addSteps(path: string, steps: Map<string, Set<string>>, links: number): number {
  const directory = dirname(path);
  if (directory === path) return links;
  let left = addSteps(directory, steps, links);
  const name = basename(path);
  const names = steps.get(directory) ?? new Set();
  steps.set(directory, names.add(name));
  const target = left > 0 ? targetOf(path) : undefined;
  if (target !== undefined) left = addSteps(target, steps, left - 1);
  return left;
}

/** Where a symbolic link leads, by one step; `undefined` for anything else. */
function targetOf(path: string): string | undefined {
  return attempt(() => resolve(realpathSync.native(dirname(path)), readlinkSync(path)));
}

/** What tells a directory from another one that takes its place. */
function identityOf(directory: string): string | undefined {
  return attempt(() => {
    const { dev, ino } = statSync(directory, { bigint: true });
    return `${dev}:${ino}`;
  });
}

/** What cannot be looked at counts as absent. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
