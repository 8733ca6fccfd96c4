/** The comment that lets a line pass: `proxmox-mcp: allow`. */
import type { Document } from "../../document/document.ts";
import { type Comment, commentsOf } from "./comments.ts";

const MARK = /proxmox-mcp: allow(?![\w-])/g;
const ALONE = /^[^\w"'`]*$/;
const SIGN = /[#;%*]|\/\/|--|\.\./;
const WORD_SIGN = /^\W*(?:rem|dnl)\b[^\w"'`]*$/i;
// Longer beginnings of a line are no comment that stands alone.
const MAX_LEAD = 80;

/**
 * The lines that are let pass: those with the words `proxmox-mcp: allow` in a comment, and where nothing
 * but the signs of a comment stands ahead of the words, the line below instead.
 *
 * @param file where its text is from: its ending tells what a comment is.
 */
export function allowedLines(
  text: string,
  file: Pick<Document, "place"> & { readonly path: string },
): ReadonlySet<number> {
  const lines = new Set<number>();
  if (text.search(MARK) < 0) return lines;
  const { comments, isExact } = commentsOf(text, file.path);
  let next = 0;
  for (const { index } of text.matchAll(MARK)) {
    while ((comments[next]?.end ?? Number.POSITIVE_INFINITY) <= index) next += 1;
    const isCommented = holds(comments[next], index);
    const { line, column } = file.place(index);
    const lead = text.slice(index - column + 1, index);
    if (isAlone(lead) && (isCommented || !isExact)) lines.add(line + 1);
    else if (isCommented) lines.add(line);
  }
  return lines;
}

function holds(comment: Comment | undefined, index: number): boolean {
  return comment !== undefined && comment.start <= index;
}

// Whatever a language takes for a comment: its signs alone at the beginning of a line are nothing else.
function isAlone(lead: string): boolean {
  if (lead.length > MAX_LEAD) return false;
  return (ALONE.test(lead) && SIGN.test(lead)) || WORD_SIGN.test(lead);
}
