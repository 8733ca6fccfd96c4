/** The check of a text that was read back, against the plan that made it. */
import type { Document, Value } from "./document/document.ts";
import { openDocument } from "./document/open.ts";
import { ProxmoxMcpError } from "./errors.ts";
import type { Sealer } from "./secret.ts";

/** One value that a plan changes. */
export interface Change {
  readonly value: Value;
  /** What a reader of the new text finds there. */
  readonly newText: string;
  /** For sealed values, what the token opens to; `undefined` where the new text is plain. */
  readonly plaintext: string | undefined;
}

/** What a text is checked against. */
export interface Expectation {
  /** The document as it was. */
  readonly document: Document;
  /** The planned text. */
  readonly text: string;
  readonly changes: readonly Change[];
  /** Made the new tokens, and must open them by itself; `undefined` for a plan that seals nothing. */
  readonly sealer: Sealer | undefined;
}

/** @throws ProxmoxMcpError UNEXPECTED where the text is not what was planned. */
export async function verifyPlan(expected: Expectation, readBack: string): Promise<void> {
  if (readBack !== expected.text)
    throw unexpected("the text that was read back is not the one that was written");
  const { document, changes, sealer } = expected;
  const edited = await openDocument(readBack, { format: document.format });
  const changed = new Map(changes.map((change) => [change.value, change]));
  if (edited.values.length !== document.values.length)
    throw unexpected("the edited text has other fields");
  for (const [index, before] of document.values.entries()) {
    const after = edited.values[index];
    const wanted = changed.get(before)?.newText ?? spelling(document, before);
    const is = after !== undefined && (changed.has(before) ? after.text : spelling(edited, after));
    if (after?.location !== before.location || after.kind !== before.kind || is !== wanted) {
      throw unexpected("a field reads back otherwise than planned", before.location);
    }
  }
  if (sealer === undefined) return;
  const confirm = await sealer.secondOpinion();
  for (const { value, newText, plaintext } of changes) {
    if (plaintext === undefined) continue;
    if ((await sealer.opener.open(newText, value.location)).plaintext !== plaintext) {
      throw unexpected("a new token does not open to what was sealed", value.location);
    }
    confirm(newText, plaintext, value.location);
  }
}

// Lists and maps span what they hold, which is compared value by value.
function spelling(document: Document, value: Value): string {
  if (value.kind === "list" || value.kind === "map") return value.kind;
  return value.kind === "string" ? value.text : document.text.slice(value.start, value.end);
}

function unexpected(trouble: string, location?: string): ProxmoxMcpError {
  return new ProxmoxMcpError("UNEXPECTED", `${trouble}; nothing was replaced`, {
    where: location === undefined ? {} : { location },
    hint: "please report this with the versions of Node and proxmox-mcp",
  });
}
