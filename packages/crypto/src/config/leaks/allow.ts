/** The comment that lets a line pass: `proxmox-mcp: allow`. */
import type { Document } from "../../document/document.ts";

const MARK = /proxmox-mcp: allow(?![\w-])/g;
const ALONE = /^\W*(?:(?:rem|dnl)\b\W*)?$/i;
// Longer beginnings of a line are no comment that stands alone.
const MAX_LEAD = 80;

/**
 * The lines that are let pass: those with the words `proxmox-mcp: allow` somewhere in them, and where
 * nothing but the signs of a comment stands ahead of the words, the line below instead.
 */
export function allowedLines(text: string, place: Document["place"]): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const { index } of text.matchAll(MARK)) {
    const { line, column } = place(index);
    const lead = text.slice(index - column + 1, index);
    lines.add(lead.length <= MAX_LEAD && ALONE.test(lead) ? line + 1 : line);
  }
  return lines;
}
