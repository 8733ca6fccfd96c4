/**
 * What looks like a master key, in places where none belongs: a key that was put into the wrong
 * variable, flag or file must not be printed by the error that says so.
 */

/** What stands in a text where a key stood. */
const REDACTED = "[key-shaped text]";
const RUN = /[A-Za-z0-9+/_-]{43,}=?/g;
const LENGTH = 43;

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
