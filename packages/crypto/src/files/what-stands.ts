/** What the files of a transaction hold when it could not be closed, in words for people. */
import { hashAt, isThere, type MemberFile } from "./member.ts";

type Text = "new" | "old" | "another" | "gone" | "unknown";

// Of ten thousand files the first ones show what to look at.
const NAMED = 3;

const BEGINNINGS: Readonly<Record<Text, string>> = {
  new: "new text",
  old: "old text",
  another: "changed by somebody else",
  gone: "not there",
  unknown: "cannot be looked at",
};

/**
 * Which files have their new text and which their old one, as they stand now: a clause such as "new
 * text: /a/one, /a/two; old text: /b/three, /b/four, /b/five and 4 more".
 */
export function whatStands(files: Iterable<MemberFile>): string {
  const found = new Map<Text, { readonly named: string[]; count: number }>();
  for (const file of files) {
    const text = textOf(file);
    const group = found.get(text) ?? { named: [], count: 0 };
    found.set(text, group);
    group.count += 1;
    if (group.count <= NAMED) group.named.push(file.target);
  }
  const [only, ...others] = found.keys();
  if (others.length === 0 && (only === "new" || only === "old")) {
    return `every file has its ${BEGINNINGS[only]}`;
  }
  const clauses = [...found].map(([text, { named, count }]) => {
    const more = count > named.length ? ` and ${count - named.length} more` : "";
    return `${BEGINNINGS[text]}: ${named.join(", ")}${more}`;
  });
  return clauses.join("; ");
}

function textOf({ target, before, after }: MemberFile): Text {
  try {
    const hash = hashAt(target);
    if (hash === after) return "new";
    if (hash !== undefined && hash === before) return "old";
    if (isThere(target)) return "another";
    return before === undefined ? "old" : "gone";
  } catch {
    // The failure that led here is told; that one more look fails as well is no wonder.
    return "unknown";
  }
}
