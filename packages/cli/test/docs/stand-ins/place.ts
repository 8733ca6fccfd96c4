/** What a stand-in finds around it: the directory that stands for the machine's root. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The root of the machine. The stand-ins are in its directory `bin`. */
export const WORLD: string = dirname(dirname(process.argv[1] ?? ""));

/** Where a path of the machine is here. */
export function rooted(path: string): string {
  if (path.startsWith(WORLD) || !path.startsWith("/")) return path;
  const program = /^\/usr\/local\/bin\/([^/]+)$/.exec(path)?.[1];
  return join(WORLD, program === undefined ? path : `bin/${program}`);
}

/** Reads what another stand-in, or an earlier run, has kept. */
export function kept<T>(name: string, otherwise: T): T {
  const path = join(WORLD, "state", `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : otherwise;
}

export function keep(name: string, value: unknown): void {
  const path = join(WORLD, "state", `${name}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(value));
}

export function print(text: string): void {
  process.stdout.write(text);
}

/** A program that says no. */
export class Refusal extends Error {}
