import { printable } from "@proxmox-mcp/crypto";
import type { Style } from "./style.ts";

/** One line for people: what it says and how it looks. */
export interface Line {
  readonly text: string;
  readonly look?: keyof Style;
}

/** What goes to each stream. */
export interface Rendered {
  readonly stdout: string;
  readonly stderr: readonly Line[];
}

/** Lines as text. Whatever names they hold, nothing in them moves the cursor or changes colours. */
export function renderLines(lines: readonly Line[], style: Style): string {
  return lines.map((line) => `${renderText(line, style)}\n`).join("");
}

function renderText({ text, look }: Line, style: Style): string {
  return look === undefined ? printable(text) : style[look](printable(text));
}
