/** The documents that this repository shows its users. */
import { existsSync, readdirSync } from "node:fs";
import { join, posix, resolve } from "node:path";

/** A Markdown file. */
export interface DocumentFile {
  /** Relative to the root of the repository. */
  readonly name: string;
  readonly path: string;
}

const ROOT = resolve(import.meta.dirname, "../../../..");

/** The pages at the top, the README of each part, and every page of docs/. */
export const documents: readonly DocumentFile[] = [
  ...pagesIn("."),
  ...readmesBelow("."),
  ...readmesBelow("packages"),
  ...readmesBelow("deploy"),
  ...pagesIn("docs"),
].map((name) => ({ name, path: join(ROOT, name) }));

function pagesIn(directory: string): string[] {
  return readdirSync(join(ROOT, directory))
    .filter((name) => name.endsWith(".md"))
    .map((name) => posix.join(directory, name));
}

function readmesBelow(directory: string): string[] {
  return readdirSync(join(ROOT, directory))
    .map((name) => posix.join(directory, name, "README.md"))
    .filter((name) => existsSync(join(ROOT, name)));
}
