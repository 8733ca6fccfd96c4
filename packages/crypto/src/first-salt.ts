/** The salt of a text's first token, before the text is parsed. */
import { parseToken } from "./token.ts";

/**
 * However a document is written, most tokens stand in it as they are.
 *
 * @returns `undefined` where no token is seen, or the first one is none.
 */
export function firstSalt(text: string): Buffer | undefined {
  const token = /enc:[\w=:-]+/.exec(text)?.[0];
  try {
    return token === undefined ? undefined : parseToken(token).salt;
  } catch {
    return undefined;
  }
}
