/**
 * What looks like a master key, in places where none belongs: a key that was put into the wrong
 * variable, flag or file must not be printed by the error that says so.
 */

/** What stands in a text where a key stood. */
const REDACTED = "[key-shaped text]";
const RUN = /[A-Za-z0-9+/_-]{43,}=?/g;
const LENGTH = 43;
// A whole word or part of a path, but no name with an extension.
const CUT = /(?<![\w+-])(?<!\w\.)([\w+-]{32,43})={0,2}(?![\w+=-])(?!\.\w)/g;
const KINDS = [/[a-z]/, /[A-Z]/, /[0-9]/];
// `Proxmox`, `MCP`, `node12` and `ProxmoxNode12` are words.
const WORD = /^(?:[A-Z]?[a-z]+(?:[A-Z][a-z]{2,})*|[A-Z]*)[0-9]*$/;

/**
 * Whether a word has the shape of a master key: 43 characters of one base64 alphabet, which are 32
 * bytes, with or without the padding. Random keys hold both cases; a long name in one case is none.
 */
export function isKeyShaped(word: string): boolean {
  const body = word.endsWith("=") ? word.slice(0, -1) : word;
  if (body.length !== LENGTH || !/^[A-Za-z0-9+/_-]*$/.test(body)) return false;
  const isMixed = /[+/]/.test(body) && /[_-]/.test(body);
  return !isMixed && /[a-z]/.test(body) && /[A-Z]/.test(body);
}

/** Whether one of the words of a text has the shape of a master key. */
export function holdsKeyShaped(text: string): boolean {
  return text.split(/\s+/).some((word) => isKeyShaped(word.replace(/^next:/, "")));
}

/**
 * Hides everything that has the shape of a master key. Longer words, such as tokens and hashes, stay
 * as they are; a part of a path counts as a word, and so does what follows the dashes of an option.
 * For what people read, never for data.
 */
export function redactKeys(text: string): string {
  return text.replace(RUN, (run) => {
    const [dashes = ""] = /^-*/.exec(run) ?? [];
    if (isKeyShaped(run)) return REDACTED;
    if (isKeyShaped(run.slice(dashes.length))) return dashes + REDACTED;
    if (!run.includes("/")) return run;
    return run
      .split("/")
      .map((part) => (isKeyShaped(part) ? REDACTED : part))
      .join("/");
  });
}

/**
 * Hides what `redactKeys` hides, and what a key is that lost some of its characters: 32 of them or more,
 * with both cases and digits. Names of ordinary words stay. For what was looked for and is not there.
 */
export function redactCutKeys(text: string): string {
  return redactKeys(text).replace(CUT, (run, body: string) => (isCutKey(body) ? REDACTED : run));
}

function isCutKey(text: string): boolean {
  const isName = () => text.split(/[_-]/).every((part) => WORD.test(part));
  return KINDS.every((kind) => kind.test(text)) && !isName();
}
