/**
 * `@proxmox-mcp/crypto`: secrets that stay encrypted inside JSON, YAML and .env documents.
 *
 * Pure: text in, text out. Keys, clock and randomness are parameters. This is the whole public promise,
 * with `secretRulesFor` of `@proxmox-mcp/crypto/config`, which knows what is secret in the server's config.
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
  formatError,
  ProxmoxMcpError,
  type Where,
} from "./errors.ts";
export {
  type CheckedField,
  checkSecrets,
  listSecrets,
  type SecretField,
  type SecretList,
} from "./field.ts";
export type { Plan } from "./finish-plan.ts";
export { createDeriver, type Deriver, type StartedDerivation } from "./key/derive.ts";
export { formatKeyText, type KeyText, parseKeyText } from "./key/key-text.ts";
export { generateMasterKey, MasterKey, parseMasterKey } from "./key/master-key.ts";
export { activeAlone, switchedTo, withSuccessor } from "./key/succession.ts";
export {
  type EncryptionOptions,
  planDecryption,
  planEncryption,
  planSet,
  type Rename,
  type SealingOptions,
} from "./plan.ts";
export { planRotation, type RotationOptions, surveyTokens, type TokenSurvey } from "./rotate.ts";
export type { SecondOpinion } from "./second-opinion.ts";
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
export type { TokenForm, ValueState } from "./token.ts";
