/** Pages of docs/ that are written by hand, but for parts that are made of the code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

/** A page of docs/, and where it is. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export function pageOf(name: string): Page {
  const path = join(import.meta.dirname, "../../../../docs", name);
  return { path, text: readFileSync(path, "utf8") };
}

/** Where a part begins, and where it ends. Readers of the page see neither. */
const PART = /^<!-- made by (?<maker>[^\n]*): (?<name>[\w-]+) -->\n[\s\S]*?^<!-- end -->$/gm;

/**
 * Compares the parts of a page with what the code makes of them; `--update` writes them.
 *
 * @param maker the test, relative to the root of the repository: the page names it at each part.
 */
export async function expectParts(
  { path, text }: Page,
  maker: string,
  parts: Readonly<Record<string, string>>,
): Promise<void> {
  const found = [...text.matchAll(PART)].map(({ groups }) => [groups?.["maker"], groups?.["name"]]);
  expect(found).toEqual(Object.keys(parts).map((name) => [maker, name]));
  const made = text.replace(
    PART,
    (_, by: string, name: string) =>
      `<!-- made by ${by}: ${name} -->\n${parts[name]?.trim()}\n<!-- end -->`,
  );
  await expect(made).toMatchFileSnapshot(path);
}

/** A text inside a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Names as code, one after the other. */
export function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
