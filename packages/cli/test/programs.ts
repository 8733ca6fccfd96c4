/** Programs of the base system that some tests need. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of a program, `undefined` where the system has none of that name. */
export function findProgram(name: string): string | undefined {
  const directories = (process.env["PATH"] ?? "").split(delimiter);
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}
