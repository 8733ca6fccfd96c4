/** Pages of docs/ that are written by hand, but for parts that are made of the code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { splitCommand } from "@proxmox-mcp/crypto/internal";
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

/** The text below a heading, up to the next one of the same depth or above. */
export function sectionOf({ text }: Page, heading: string): string {
  const depth = heading.indexOf(" ");
  const [, after = ""] = text.split(`\n${heading}\n`);
  return after.split(new RegExp(`^#{1,${depth}} `, "m"))[0] ?? "";
}

/** The first block of a language in a text. */
export function fenceIn(text: string, language: string): string {
  const found = new RegExp(`^\`\`\`${language}[^\n]*\n([\\s\\S]*?)^\`\`\`$`, "m").exec(text)?.[1];
  expect(found, language).toBeDefined();
  return found ?? "";
}

/** The words of a command that is shown, as a shell reads them. */
export function wordsOf(command: string): readonly string[] {
  return splitCommand(command.replaceAll("\\\n", " "), {
    name: "the command",
    code: "USAGE",
    wanted: "mend the page",
  });
}

/** A text inside a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Names as code, one after the other. */
export function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
