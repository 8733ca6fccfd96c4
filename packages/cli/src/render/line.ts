import { printable } from "@proxmox-mcp/crypto/internal";
import type { Skipped } from "../skipped.ts";
import type { Style } from "./style.ts";

/** One line for people: what it says and how it looks. */
export interface Line {
  readonly text: string;
  readonly look?: keyof Style;
}

/** What goes to each stream. */
export interface Rendered {
  /** A long text comes in pieces. */
  readonly stdout: string | Iterable<string>;
  readonly stderr: readonly Line[];
}

/** Lines as text. Whatever names they hold, nothing in them moves the cursor or changes colours. */
export function renderLines(lines: readonly Line[], style: Style): string {
  return lines.map((line) => `${renderText(line, style)}\n`).join("");
}

/** So many lines of one kind are shown; more would hide what matters. JSON has them all. */
export const MANY = 40;

/** The first lines of many, and how many more there are. */
export function atMost<T>(
  all: Iterable<T>,
  linesOf: (item: T) => readonly Line[],
): readonly Line[] {
  const lines: Line[] = [];
  let count = 0;
  for (const item of all) {
    count += 1;
    if (count <= MANY) lines.push(...linesOf(item));
  }
  return count > MANY ? [...lines, { text: `  and ${count - MANY} more` }] : lines;
}

/** What was passed by. */
export function skippedLines(skipped: readonly Skipped[]): readonly Line[] {
  return skipped.map(({ path, reason }) => ({ text: `Skipped ${path}: ${reason}`, look: "dim" }));
}

/** `1 file`, `2 files`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function renderText({ text, look }: Line, style: Style): string {
  return look === undefined ? printable(text) : style[look](printable(text));
}
