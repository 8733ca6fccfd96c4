/** What a step says to the runner: in the files that it was given, and in what it prints. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILES = ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE"];

/** The files of one step. */
export interface CommandFiles {
  readonly env: Readonly<Record<string, string>>;
  /** What the step wrote. */
  read(): Commands;
}

/** What a step wrote into its files. */
export interface Commands {
  readonly environment: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly path: readonly string[];
  /** All of the files, as they are. */
  readonly raw: string;
}

/** Makes empty files for a step. */
export function commandFiles(directory: string, step: string): CommandFiles {
  const paths = Object.fromEntries(
    FILES.map((name) => [name, join(directory, `${name.toLowerCase()}-${step}`)]),
  );
  for (const path of Object.values(paths)) writeFileSync(path, "");
  const text = (name: string): string => {
    const path = paths[name] ?? "";
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  return {
    env: paths,
    read: () => ({
      environment: assignments(text("GITHUB_ENV")),
      outputs: assignments(text("GITHUB_OUTPUT")),
      path: text("GITHUB_PATH").split("\n").filter(Boolean),
      raw: FILES.map(text).join("\n"),
    }),
  };
}

/** `NAME=VALUE` lines, and values of several lines between two delimiters. */
function assignments(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line === "") continue;
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(line) ?? [];
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter, at + 1);
      if (end < 0) throw new Error(`no end of ${name}`);
      found[name] = lines.slice(at + 1, end).join("\n");
      at = end;
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 1) throw new Error(`the runner does not understand "${line}"`);
    found[line.slice(0, equals)] = line.slice(equals + 1);
  }
  return found;
}

/** Printed text as a runner keeps it: without the lines that name what is to be masked. */
export function withoutMasks(printed: string): { shown: string; masks: readonly string[] } {
  const masks: string[] = [];
  const shown = printed
    .split("\n")
    .filter((line) => {
      const [, mask] = /^::add-mask::(.*)$/.exec(line) ?? [];
      if (mask !== undefined) masks.push(mask);
      return mask === undefined;
    })
    .join("\n");
  return { shown, masks };
}
