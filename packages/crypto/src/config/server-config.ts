/** The server's config, as its parts get it: complete, checked and frozen. */
import type { SecretText } from "./secret-text.ts";

/** The whole config. */
export interface ServerConfig {
  readonly proxmox: ProxmoxSection;
  readonly auth: AuthSection;
  readonly policy: PolicySection;
  readonly logging: LoggingSection;
  readonly servers?: Readonly<Record<string, ServerEntry>>;
  readonly default_servers?: Readonly<Record<string, ServerEntry>>;
  readonly http: HttpSection;
  readonly audit: AuditSection;
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

/** Which tools may be called: none, those that read, also those that operate guests, or all. */
export type PolicyMode = "none" | "read-only" | "operate" | "full";

/** Which tools may be called. */
export interface PolicyRules {
  readonly mode: PolicyMode;
  /** Tools that may be called beyond the mode. */
  readonly allow: readonly string[];
  /** Tools that may not be called, whatever else allows them. */
  readonly deny: readonly string[];
}

/** Which tools may be called, and which commands may run in guests. */
export interface PolicySection extends PolicyRules {
  /** In the place of the rules above for the client of an API key, by the key's name. */
  readonly keys: Readonly<Record<string, PolicyRules>>;
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

/** How the server is reached over HTTP. */
export interface HttpSection {
  /** Whether it is, instead of over standard input and output. */
  readonly enabled: boolean;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Of the MCP endpoint. */
  readonly path: string;
  readonly tls?: TlsFiles;
  readonly behind_tls_proxy: boolean;
  /** Names in the Host header; `*.` in front of one stands for one label. */
  readonly allowed_hosts?: readonly string[];
  readonly allowed_origins: readonly string[];
  /** Addresses and networks; without it every one is allowed. */
  readonly allowed_networks?: readonly string[];
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trusted_proxies?: readonly string[];
  /** Bytes. */
  readonly body_limit: number;
  readonly rate_limit: RateLimit;
  /** By the name of their client. */
  readonly api_keys: Readonly<Record<string, SecretText>>;
}

/** PEM files, relative to the directory of the config. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Requests that are answered in a minute. */
export interface RateLimit {
  readonly per_minute: number;
  readonly per_minute_per_address: number;
}

/** Where calls of tools are recorded. */
export interface AuditSection {
  /** Relative to the directory of the config; `null` is standard error. */
  readonly file: string | null;
  /** Whether tools that change something are refused while nothing can be recorded. */
  readonly required: boolean;
}
