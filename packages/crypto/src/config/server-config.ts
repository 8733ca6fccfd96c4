/** The server's config, as its parts get it: complete, checked and frozen. */
import type { SecretText } from "./secret-text.ts";

/** The whole config. */
export interface ServerConfig {
  readonly proxmox: ProxmoxSection;
  readonly auth: AuthSection;
  readonly policy?: PolicySection;
  readonly logging: LoggingSection;
  readonly servers?: Readonly<Record<string, ServerEntry>>;
  readonly default_servers?: Readonly<Record<string, ServerEntry>>;
  readonly http?: HttpSection;
}

/** The host that is asked, and how. */
export interface ProxmoxSection {
  readonly host: string;
  readonly port: number;
  readonly verify_ssl: boolean;
  readonly service: string;
  /** Path of the PEM certificates that the host's is verified against. */
  readonly ca_file?: string;
  /** SHA-256 of the host's certificate: 64 hex digits, with or without colons. */
  readonly fingerprint?: string;
  /** Milliseconds until a call counts as failed. */
  readonly timeout: number;
  /** How often a call that only reads is tried again. */
  readonly retry_attempts: number;
  readonly password?: SecretText;
  readonly token_secret?: SecretText;
}

/**
 * Who asks. Either `token_name` and `token_value` are both there, or neither is and there is a
 * password, here or in `proxmox`.
 */
export interface AuthSection {
  /** User with realm, as in `root@pam`. */
  readonly user: string;
  readonly token_name?: string;
  readonly token_value?: SecretText;
  readonly password?: SecretText;
  readonly token_secret?: SecretText;
}

/** What the server may do beside reading. */
export interface PolicySection {
  readonly exec?: ExecPolicy;
}

/** Which commands may run in guests. */
export interface ExecPolicy {
  /** Patterns of command lines. */
  readonly allow: readonly string[];
  /** Whether a command goes to the guest's shell as one text. */
  readonly shell: boolean;
  /** Seconds that a command may take. */
  readonly timeout: number;
  /** Bytes of each output stream that are passed on. */
  readonly max_output: number;
}

/** What is logged, and where to. */
export interface LoggingSection {
  readonly level: "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";
  readonly format?: string;
  readonly file: string | null;
}

/** Beside its secrets an entry holds what the file says, unchecked. */
export interface ServerEntry {
  readonly token_value?: SecretText;
  readonly token_secret?: SecretText;
  readonly password?: SecretText;
  readonly [key: string]: unknown;
}

/** What the server needs where it is reached over HTTP. */
export interface HttpSection {
  readonly api_keys?: Readonly<Record<string, SecretText>>;
  readonly [key: string]: unknown;
}
