/**
 * `@proxmox-mcp/crypto/config`: what this project knows of the configs it protects. Which fields are
 * secret, what the server's config looks like, and how a document becomes one. Pure: files and the
 * environment are the caller's. `secretRulesFor` is public; the rest is for the programs of this project, and may
 * change in any release.
 */
export { defaultSections } from "./defaults.ts";
export { type Environment, type Expansion, expandText } from "./expand.ts";
export { type Locate, locatorOf } from "./field.ts";
export { findLeaks, type Leaks } from "./leaks/find-leaks.ts";
export type { Leak, LeakKind } from "./leaks/leak.ts";
export type { ConfigSecret } from "./open-secrets.ts";
export { type Resolution, type ResolveOptions, resolveConfig } from "./resolve.ts";
export { secretRulesFor } from "./rules.ts";
export { SecretText } from "./secret-text.ts";
export type {
  AuditSection,
  AuthSection,
  ExecPolicy,
  HttpSection,
  LoggingSection,
  PolicyMode,
  PolicyRules,
  PolicySection,
  ProxmoxSection,
  RateLimit,
  ServerConfig,
  ServerEntry,
  TlsFiles,
} from "./server-config.ts";
export type { ConfigWarning, ConfigWarningCode } from "./warning.ts";
