/**
 * The world as the commands see it. Terminal manners: data to stdout, talk to stderr, prompts to
 * the terminal, no prompt without one, and never a secret in an argument.
 */
import { ProxmoxMcpError, type StartedDerivation } from "@proxmox-mcp/crypto";

/** What a command may touch beside files. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  readonly stdin: { readonly isTerminal: boolean; read(): Promise<Buffer> };
  readonly stdout: { readonly isTerminal: boolean; write(text: string): void };
  readonly stderr: { readonly isTerminal: boolean; write(text: string): void };
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Cryptographically secure bytes. */
  readonly random: (size: number) => Uint8Array;
  readonly debug: Debug;
  /** A derivation that was begun while this program was loaded, in the hope that it asks for it. */
  readonly started?: StartedDerivation | undefined;
}

/** Debug logging; does nothing unless it was asked for. Never gets a value, only names and counts. */
export type Debug = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Nothing is printed, and nothing begun, after a signal. @throws ProxmoxMcpError INTERRUPTED. */
export function refuseInterrupted({ signal }: Pick<Io, "signal">): void {
  if (signal.aborted) throw interrupted();
}

/** The key file in the home directory, where generate-key writes unless told otherwise. */
export function homeKeyFile(io: Pick<Io, "home">): string {
  return `${io.home}/.proxmox_mcp_key`;
}

/** What a signal gives before anything was written. */
export function interrupted(): ProxmoxMcpError {
  return new ProxmoxMcpError("INTERRUPTED", "interrupted; nothing was changed");
}
