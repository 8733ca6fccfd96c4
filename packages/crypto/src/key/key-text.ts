/**
 * Key texts: what a variable, a key file or a command's output holds.
 *
 * One or more keys separated by white space. The first is active; `next:KEY` is the pending
 * successor (at most one, never first); further bare keys are retired. `#` comments are tolerated
 * after the first key, because the Python reader decodes from the start of the text and stops at the
 * first key's padding.
 */
import { equalBytes } from "../encoding.ts";
import { ProxmoxMcpError } from "../errors.ts";
import { type MasterKey, parseMasterKey } from "./master-key.ts";

const NEXT = "next:";

/** The keys of a key text, by what each is for. */
export interface KeyText {
  /** Seals and opens. */
  readonly active: MasterKey;
  /** Opens; becomes active at the next rotation. */
  readonly successor: MasterKey | undefined;
  /** Only open, in the order of the text. */
  readonly retired: readonly MasterKey[];
}

/** Every key of a key text, in the order in which a value is tried with them. */
export function everyKey(keys: KeyText): readonly MasterKey[] {
  return [keys.active, ...(keys.successor === undefined ? [] : [keys.successor]), ...keys.retired];
}

/**
 * Reads a key text.
 *
 * @throws ProxmoxMcpError KEY_EMPTY, KEY_INVALID or KEY_DUPLICATE, naming the line and never the key.
 */
export function parseKeyText(text: string): KeyText {
  const bare: MasterKey[] = [];
  const seen: { key: MasterKey; line: number }[] = [];
  let successor: MasterKey | undefined;
  for (const { word, line } of words(text)) {
    const isSuccessor = word.startsWith(NEXT);
    const key = located(line, () => parseMasterKey(isSuccessor ? word.slice(NEXT.length) : word));
    const twin = seen.find((other) => other.key.equals(key));
    if (twin !== undefined) {
      throw new ProxmoxMcpError(
        "KEY_DUPLICATE",
        `the key text holds the same master key twice, first in line ${twin.line}`,
        {
          where: { line },
          hint: "remove one of the two",
        },
      );
    }
    seen.push({ key, line });
    if (!isSuccessor) {
      bare.push(key);
    } else if (bare.length === 0) {
      throw refused(line, "begins with a `next:` key: the active key comes first");
    } else if (successor !== undefined) {
      throw refused(line, "holds two `next:` keys: a second successor waits behind no first");
    } else {
      successor = key;
    }
  }
  const [active, ...retired] = bare;
  if (active === undefined) {
    throw new ProxmoxMcpError("KEY_EMPTY", "the key text is empty", {
      hint: "make a master key with `proxmox-mcp-encrypt generate-key`",
    });
  }
  return { active, successor, retired };
}

/** Writes a key text: padded base64url, one key a line, the active one first. */
export function formatKeyText(keys: KeyText): string {
  const lines = [
    keys.active.reveal(),
    ...(keys.successor === undefined ? [] : [NEXT + keys.successor.reveal()]),
    ...keys.retired.map((key) => key.reveal()),
  ];
  return `${lines.join("\n")}\n`;
}

/** Whether two key texts hold the same keys in the same roles and order. In constant time. */
export function equalKeyTexts(a: KeyText, b: KeyText): boolean {
  return equalBytes(Buffer.from(formatKeyText(a)), Buffer.from(formatKeyText(b)));
}

function* words(text: string): Generator<{ word: string; line: number }> {
  let first = true;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    const comment = /(^|\s)#/.exec(raw);
    if (comment !== null && first && raw.slice(0, comment.index).trim() === "") {
      throw refused(
        line,
        "has a comment before the first key, which the Python reader would take for the key",
      );
    }
    const content = comment === null ? raw : raw.slice(0, comment.index);
    for (const word of content.split(/\s+/)) {
      if (word === "") continue;
      first = false;
      yield { word, line };
    }
  }
}

function located<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ProxmoxMcpError ? error.at({ line }) : error;
  }
}

function refused(line: number, trouble: string): ProxmoxMcpError {
  return new ProxmoxMcpError("KEY_INVALID", `the key text ${trouble}`, {
    where: { line },
    hint: "write one key a line, the active key first",
  });
}
