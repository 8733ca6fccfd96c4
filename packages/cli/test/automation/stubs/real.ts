/** Finds the programs that stubs stand in front of. */
import { existsSync, realpathSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import type { Call, Reply } from "./call.ts";

/** The file behind every stub. */
export const STUB = ".stub";

/** Does what the real program of this name does. */
export function passOn({ program, env }: Call): Reply {
  return { run: realProgram(program, env) };
}

/** The first program of this name on PATH that is no stub. @throws Error where there is none. */
export function realProgram(name: string, env: Readonly<Record<string, string>>): string {
  const directories = (env["PATH"] ?? "").split(delimiter);
  const found = directories
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path) && basename(realpathSync(path)) !== STUB);
  if (found === undefined) throw new Error(`there is no real ${name}`);
  return found;
}
