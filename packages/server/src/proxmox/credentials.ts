/** Who asks, and how that is proven. */
import type { SecretText } from "@proxmox-mcp/crypto/config";

/** An API token. Needs no login. */
export interface TokenCredentials {
  /** With realm, as in `root@pam`. */
  readonly user: string;
  /** The part after the `!`. */
  readonly tokenName: string;
  readonly tokenValue: SecretText;
}

/** A login that is renewed as long as it is used. */
export interface PasswordCredentials {
  /** With realm, as in `root@pam`. */
  readonly user: string;
  readonly password: SecretText;
}

export type Credentials = TokenCredentials | PasswordCredentials;

/** As Proxmox writes it: `user@realm`, or `user@realm!token`. */
export function identityOf(credentials: Credentials): string {
  const { user } = credentials;
  return "tokenName" in credentials ? `${user}!${credentials.tokenName}` : user;
}

/** The value of the header `Authorization`. Proxmox decodes percent signs in it. */
export function tokenHeader(credentials: TokenCredentials): string {
  const { tokenValue } = credentials;
  return `PVEAPIToken=${escaped(`${identityOf(credentials)}=${tokenValue.reveal()}`)}`;
}

function escaped(text: string): string {
  return text.toWellFormed().replace(/[^\x21-\x24\x26-\x7e]/gu, encodeURIComponent);
}

/**
 * Hides secrets in a text that others wrote: in plain, as we send them in headers and forms, and as
 * JSON quotes them.
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) => [
      JSON.stringify(secret).slice(1, -1),
      secret,
      escaped(secret),
      encodeURIComponent(secret.toWellFormed()),
      new URLSearchParams([["", secret]]).toString().slice(1),
    ])
    .reduce((shown, spelling) => shown.replaceAll(spelling, "[redacted]"), text);
}
