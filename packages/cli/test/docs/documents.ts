/** The documents that this repository shows its users. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** A Markdown file. */
export interface DocumentFile {
  /** Relative to the root of the repository. */
  readonly name: string;
  readonly path: string;
}

const ROOT = resolve(import.meta.dirname, "../../../..");

/** README.md, the packages' own, and every page of docs/. */
export const documents: readonly DocumentFile[] = [
  "README.md",
  ...readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}/README.md`),
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
].map((name) => ({ name, path: join(ROOT, name) }));
