/** The server's config, as its parts get it: complete, checked and frozen. */
import type { SecretText } from "./secret-text.ts";

/** The whole config. */
export interface ServerConfig {
  readonly proxmox: ProxmoxSection;
  readonly auth: AuthSection;
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
  readonly password?: SecretText;
  readonly token_secret?: SecretText;
}

/** The API token: who asks. */
export interface AuthSection {
  /** User with realm, as in `root@pam`. */
  readonly user: string;
  readonly token_name: string;
  readonly token_value: SecretText;
  readonly password?: SecretText;
  readonly token_secret?: SecretText;
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
