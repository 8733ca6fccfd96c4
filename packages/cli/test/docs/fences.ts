/** Fenced code blocks of Markdown. Ours are never indented and never nested. */

/** One block. */
export interface Fence {
  /** The first word after the opening fence. */
  readonly language: string;
  /** What follows it on that line. Readers of the page do not see it. */
  readonly note: string;
  /** Where it opens, counted from 1. */
  readonly line: number;
  readonly content: string;
  /**
   * Commands in comments, `<!-- rehearsal: ... -->`, between the block before and this one. They do
   * what a page can only tell: an editor, a machine that dies.
   */
  readonly rehearsal: readonly string[];
  /** Where the content stands in the document. */
  readonly start: number;
  readonly end: number;
}

const REHEARSAL = /^<!-- rehearsal:\s+(?<commands>[\s\S]*?)\s*-->$/gm;
const FENCE = /^```(?<language>[\w-]*)[ \t]*(?<note>[^\n]*)\n(?<content>[\s\S]*?)^```$/gm;

/** All blocks, in their order. */
export function fencesOf(markdown: string): Fence[] {
  let before = 0;
  return [...markdown.matchAll(FENCE)].map((match) => {
    const { language = "", note = "", content = "" } = match.groups ?? {};
    const start = match.index + match[0].indexOf("\n") + 1;
    const line = markdown.slice(0, match.index).split("\n").length;
    const between = markdown.slice(before, match.index);
    before = match.index + match[0].length;
    const rehearsal = [...between.matchAll(REHEARSAL)].map(
      ({ groups }) => groups?.["commands"] ?? "",
    );
    return { language, note, line, content, rehearsal, start, end: start + content.length };
  });
}

/** Gives blocks another content; everything else of the document stays. */
export function withContents(markdown: string, contents: ReadonlyMap<Fence, string>): string {
  let text = markdown;
  for (const [{ start, end }, content] of [...contents].sort(([a], [b]) => b.start - a.start)) {
    text = text.slice(0, start) + content + text.slice(end);
  }
  return text;
}

/** The text without its blocks. */
export function withoutFences(markdown: string): string {
  return markdown.replace(FENCE, "");
}
