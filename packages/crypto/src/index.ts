/**
 * `@proxmox-mcp/crypto`: secrets that stay encrypted inside JSON, YAML and .env documents.
 *
 * Pure: text in, text out. Keys, clock and randomness are parameters. Reading and writing files is
 * the business of `@proxmox-mcp/crypto/files`, the server's config of `@proxmox-mcp/crypto/config`.
 */
export type {
  Document,
  DocumentFormat,
  OpenDocumentOptions,
  Place,
  Value,
} from "./document/document.ts";
export { formatOf } from "./document/format.ts";
export { openDocument } from "./document/open.ts";
export {
  type ErrorCode,
  type ErrorDetail,
  EXIT_STATUS,
  formatError,
  ProxmoxMcpError,
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
export { createDeriver, DEFAULT_MAX_DERIVATIONS, type Deriver } from "./key/derive.ts";
export { everyKey, formatKeyText, type KeyText, parseKeyText } from "./key/key-text.ts";
export {
  generateMasterKey,
  MASTER_KEY_LENGTH,
  MasterKey,
  parseMasterKey,
  requireStrong,
} from "./key/master-key.ts";
export {
  chooseKeySources,
  KEY_COMMAND_VARIABLE,
  KEY_CREDENTIAL,
  KEY_FILE_VARIABLE,
  KEY_VARIABLE,
  type KeySource,
  type KeySourceQuestion,
  rankKeySources,
} from "./key/source.ts";
export {
  type EncryptionOptions,
  findField,
  type Plan,
  planDecryption,
  planEncryption,
  planSet,
  type Rename,
  type SealingOptions,
} from "./plan.ts";
export {
  createOpener,
  createSealer,
  type OpenedValue,
  type Opener,
  type OpenerOptions,
  type Sealer,
  type SealerOptions,
} from "./secret.ts";
export type { SecretRules } from "./select.ts";
export { didYouMean, suggest } from "./suggest.ts";
export { isOn, isProtectionOn } from "./switch.ts";
export { isTokenLike, stateOf, type TokenForm, type ValueState } from "./token.ts";
