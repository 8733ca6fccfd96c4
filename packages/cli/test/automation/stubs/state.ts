/** What the outside world keeps, in files that are never half written. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Reads a JSON file. @param otherwise what stands for a file that is not there. */
export function readState<T>(world: string, name: string, otherwise: T): T {
  const path = join(world, name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : otherwise;
}

/** Replaces a JSON file. */
export function writeState(world: string, name: string, value: unknown): void {
  writeWhole(join(world, name), JSON.stringify(value, null, 2));
}

/** Puts a text into a store, and keeps what it held before: the proofs look at all of it. */
export function store(world: string, name: string, text: string): void {
  const past = join(world, "stores-past", name);
  mkdirSync(past, { recursive: true });
  const number = readdirSync(past).length + 1;
  writeWhole(join(past, String(number).padStart(4, "0")), text);
  writeWhole(join(world, "stores", name), text);
}

/** What a store holds, `undefined` where it has nothing of that name. */
export function stored(world: string, name: string): string | undefined {
  const path = join(world, "stores", name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** The names of what a store has. */
export function storedNames(world: string, prefix: string): readonly string[] {
  const directory = join(world, "stores", prefix);
  return existsSync(directory) ? readdirSync(directory) : [];
}

function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, text, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}
