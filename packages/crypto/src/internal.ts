/**
 * What the programs of this project share, beside the public promise of `@proxmox-mcp/crypto`. Pure, as
 * that is. It may change in any release.
 */
export { splitCommand, splitParts, type WordPart } from "./command-line.ts";
export { childPointer } from "./document/pointer.ts";
export { drawAhead } from "./draw-ahead.ts";
export { asKnownError, EXIT_STATUS, errorJson, printable, stackOf } from "./errors.ts";
export { openValue } from "./field.ts";
export { findTokens } from "./find-tokens.ts";
export { jsonText, lazyList } from "./json-text.ts";
export { isKeyShaped, redactKeys } from "./key/key-shape.ts";
export { everyKey } from "./key/key-text.ts";
export { keyringFlag, withKeyringAccount } from "./key/keyring-flag.ts";
export { requireStrong } from "./key/master-key.ts";
export {
  type KeyFlags,
  type KeySource,
  type KeySourceQuestion,
  keyringSource,
  rankKeySources,
  refuseSeveralFlags,
  whereOf,
} from "./key/source.ts";
export { holdsKey } from "./key/succession.ts";
export { findField } from "./named-field.ts";
export { withNewSecret } from "./new-secret.ts";
export { wildcard } from "./select.ts";
export { didYouMean } from "./suggest.ts";
export { isOn, isProtectionOn } from "./switch.ts";
export { isPlain, isSealed, isTokenLike, SALT_LENGTH } from "./token.ts";
