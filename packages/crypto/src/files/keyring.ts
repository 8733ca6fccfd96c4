/** The master key in an entry of the operating system's keyring. */
import { type ErrorCode, ProxmoxMcpError } from "../errors.ts";
import { equalKeyTexts, formatKeyText, type KeyText, parseKeyText } from "../key/key-text.ts";
import { keyringFlag } from "../key/keyring-flag.ts";
import { keyringSource } from "../key/source.ts";
import { askKeyring, type KeyringAnswer, type KeyringSurroundings } from "./keyring-program.ts";
import type { SinkPhase } from "./sink.ts";

/**
 * Reads the key text of an entry.
 *
 * @throws ProxmoxMcpError KEY_UNREADABLE (not installed, locked, no session, no entry, hung),
 * INTERRUPTED.
 */
export async function readKeyring(
  account: string,
  surroundings: KeyringSurroundings,
): Promise<string> {
  const text = await readEntry(account, surroundings, "KEY_UNREADABLE", "");
  if (text !== undefined) return text;
  const { from } = keyringSource(account);
  throw new ProxmoxMcpError("KEY_UNREADABLE", `${from} is not there`, {
    hint: `check the account; a first key is made by: proxmox-mcp-encrypt generate-key ${keyringFlag(account)}`,
  });
}

/**
 * Makes an entry with a first key, and reads it back. One that is there is never touched.
 *
 * Call it under the lock of the state directory: two runs that both found none would both write.
 *
 * @throws ProxmoxMcpError KEYRING_ENTRY_EXISTS, with nothing written; KEYRING_FAILED; INTERRUPTED.
 */
export async function createKeyringEntry(
  account: string,
  keys: KeyText,
  surroundings: KeyringSurroundings,
): Promise<void> {
  const { from } = keyringSource(account);
  const present = await readEntry(account, surroundings, "KEYRING_FAILED", "; nothing was written");
  if (present !== undefined) {
    throw new ProxmoxMcpError(
      "KEYRING_ENTRY_EXISTS",
      `${from} exists already; nothing was written`,
      {
        hint: `to move to a new key, and keep the old one until every file has moved: proxmox-mcp-encrypt rotate-key ${keyringFlag(account)}; or name another account`,
      },
    );
  }
  await writeEntry(
    account,
    keys,
    surroundings,
    "whether a new key was stored is unknown, and nothing uses it",
  );
}

/** A key text on its way into a keyring. */
export interface KeyringChange {
  /** What the entry may hold: anything else is somebody's key, and stays. */
  readonly from: readonly KeyText[];
  readonly to: KeyText;
  readonly phase: SinkPhase;
}

/**
 * Replaces the key text of an entry, and reads it back. Repeating it changes nothing.
 *
 * @throws ProxmoxMcpError FILE_CHANGED for an entry that holds other keys; KEYRING_FAILED: whether
 * the text was stored is unknown, unless the message says that nothing was written; INTERRUPTED.
 */
export async function replaceInKeyring(
  account: string,
  { from: expected, to, phase }: KeyringChange,
  surroundings: KeyringSurroundings,
): Promise<void> {
  const { from } = keyringSource(account);
  const present = await readEntry(account, surroundings, "KEYRING_FAILED", `; ${UNTOUCHED[phase]}`);
  if (present !== undefined) {
    const found = keysIn(present);
    if (found !== undefined && equalKeyTexts(found, to)) return;
    if (!expected.some((keys) => found !== undefined && equalKeyTexts(found, keys))) {
      throw new ProxmoxMcpError(
        "FILE_CHANGED",
        `${from} holds other keys by now; ${UNTOUCHED[phase]}`,
        {
          hint: "run the command again: it takes the keys of now",
        },
      );
    }
  }
  await writeEntry(account, to, surroundings, IN_DOUBT[phase]);
}

const KEPT = "the pending key is kept and will be used again";
const UNTOUCHED: Readonly<Record<SinkPhase, string>> = {
  prepare: `nothing was written there: ${KEPT}`,
  promote: `nothing was written there: ${KEPT}`,
  retire: "nothing was written there: the old keys are kept",
};
const IN_DOUBT: Readonly<Record<SinkPhase, string>> = {
  prepare: `the new key counts as perhaps stored: ${KEPT}`,
  promote: `the new key counts as perhaps stored as the active one: ${KEPT}`,
  retire: "the old keys count as perhaps removed there",
};

async function writeEntry(
  account: string,
  keys: KeyText,
  surroundings: KeyringSurroundings,
  doubt: string,
): Promise<void> {
  const answer = await askKeyring(account, oneLine(keys), surroundings);
  if (answer.kind !== "stored") throw answerError(account, answer, "KEYRING_FAILED", `; ${doubt}`);
  const stored = await readEntry(account, surroundings, "KEYRING_FAILED", `; ${doubt}`);
  const found = stored === undefined ? undefined : keysIn(stored);
  if (found !== undefined && equalKeyTexts(found, keys)) return;
  const { from } = keyringSource(account);
  throw new ProxmoxMcpError(
    "KEYRING_FAILED",
    `${from} was written, and does not hold what was written; ${doubt}`,
    { hint: "see in a password manager what the keyring holds, then run the command again" },
  );
}

async function readEntry(
  account: string,
  surroundings: KeyringSurroundings,
  code: ErrorCode,
  consequence: string,
): Promise<string | undefined> {
  const answer = await askKeyring(account, undefined, surroundings);
  if (answer.kind === "entry") return answer.text;
  if (answer.kind === "no entry") return undefined;
  throw answerError(account, answer, code, consequence);
}

function answerError(
  account: string,
  answer: KeyringAnswer,
  code: ErrorCode,
  consequence: string,
): ProxmoxMcpError {
  const { from } = keyringSource(account);
  if (answer.kind === "interrupted") {
    const what = consequence === "" ? "; nothing was changed" : consequence;
    return new ProxmoxMcpError("INTERRUPTED", `${from}: asking the keyring was interrupted${what}`);
  }
  const { trouble, hint } = answer.kind === "failed" ? answer : STRANGE;
  return new ProxmoxMcpError(code, `${from}: ${trouble}${consequence}`, { hint });
}

const STRANGE = {
  trouble: "the keyring gave the answer to another question",
  hint: "run the command again",
};

function keysIn(text: string): KeyText | undefined {
  try {
    return parseKeyText(text);
  } catch {
    return undefined;
  }
}

// Password managers show one line, and macOS prints an entry of several in hex.
function oneLine(keys: KeyText): string {
  return formatKeyText(keys).trim().split("\n").join(" ");
}
