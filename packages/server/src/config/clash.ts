/** Whether a file that is written to would be one that a config is made of. */
import { type Stats, statSync } from "node:fs";
import { resolve } from "node:path";

/** The one among some files that a path leads to, by whatever name; `undefined` where it is none. */
export function clashing(file: string, inputs: readonly string[]): string | undefined {
  const stat = statOf(file);
  return inputs.find((path) => resolve(path) === file || isSame(stat, statOf(path)));
}

/** What a path leads to; `undefined` where it cannot be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}
