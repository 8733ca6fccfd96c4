/**
 * `@proxmox-mcp/crypto`: secrets that stay encrypted inside JSON, YAML and .env documents.
 *
 * Pure: text in, text out. Keys, clock and randomness are parameters. Reading and writing files is
 * the business of `@proxmox-mcp/crypto/files`, the server's config of `@proxmox-mcp/crypto/config`.
 */
export { type CommandHolder, splitCommand, splitParts, type WordPart } from "./command-line.ts";
export type {
  Document,
  DocumentFormat,
  OpenDocumentOptions,
  Place,
  Value,
} from "./document/document.ts";
export { formatOf } from "./document/format.ts";
export { openDocument } from "./document/open.ts";
export { childPointer } from "./document/pointer.ts";
export { drawAhead } from "./draw-ahead.ts";
export {
  asKnownError,
  type ErrorCode,
  type ErrorDetail,
  EXIT_STATUS,
  errorJson,
  formatError,
  ProxmoxMcpError,
  printable,
  stackOf,
  type Where,
} from "./errors.ts";
export {
  type CheckedField,
  checkSecrets,
  listSecrets,
  openValue,
  type SecretField,
  type SecretList,
} from "./field.ts";
export { type FoundToken, findTokens } from "./find-tokens.ts";
export type { Plan } from "./finish-plan.ts";
export { createDeriver, type Deriver, type StartedDerivation } from "./key/derive.ts";
export { isKeyShaped, redactKeys } from "./key/key-shape.ts";
export { everyKey, formatKeyText, type KeyText, parseKeyText } from "./key/key-text.ts";
export { KEYRING_ACCOUNT, keyringFlag, withKeyringAccount } from "./key/keyring-flag.ts";
export { generateMasterKey, MasterKey, parseMasterKey } from "./key/master-key.ts";
export {
  type KeyFlags,
  type KeySource,
  type KeySourceQuestion,
  keyringSource,
  rankKeySources,
  refuseSeveralFlags,
} from "./key/source.ts";
export { activeAlone, holdsKey, switchedTo, withSuccessor } from "./key/succession.ts";
export { findField } from "./named-field.ts";
export { withNewSecret } from "./new-secret.ts";
export {
  type EncryptionOptions,
  planDecryption,
  planEncryption,
  planSet,
  type Rename,
  type SealingOptions,
} from "./plan.ts";
export {
  planRotation,
  type RotationOptions,
  surveyTokens,
  type TokenSurvey,
} from "./rotate.ts";
export {
  createOpener,
  createSealer,
  type OpenedValue,
  type Opener,
  type OpenerOptions,
  type Sealer,
  type SealerOptions,
} from "./secret.ts";
export { type SecretRules, wildcard } from "./select.ts";
export { didYouMean } from "./suggest.ts";
export { isOn, isProtectionOn } from "./switch.ts";
export {
  isPlain,
  isSealed,
  isTokenLike,
  SALT_LENGTH,
  type TokenForm,
  type ValueState,
} from "./token.ts";
