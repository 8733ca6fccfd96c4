/**
 * `@proxmox-mcp/crypto/config`: what this project knows of the configs it protects. Which fields are
 * secret, what the server's config looks like, and how a document becomes one. Pure: files and the
 * environment are the caller's.
 */
export { type Environment, type Expansion, expandText } from "./expand.ts";
export type { ConfigSecret } from "./open-secrets.ts";
export { type Resolution, type ResolveOptions, resolveConfig } from "./resolve.ts";
export {
  DOTENV_RULES,
  GENERIC_RULES,
  isSecretField,
  SERVER_CONFIG_RULES,
  secretRulesFor,
} from "./rules.ts";
export { CONFIG_SCHEMA, type SchemaNode, type SchemaType } from "./schema.ts";
export { SecretText } from "./secret-text.ts";
export type {
  AuthSection,
  HttpSection,
  LoggingSection,
  ProxmoxSection,
  ServerConfig,
  ServerEntry,
} from "./server-config.ts";
export type { ConfigWarning, ConfigWarningCode } from "./warning.ts";
