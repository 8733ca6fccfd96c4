/** SHA-256 fingerprints of certificates, in the spelling of Proxmox and OpenSSL. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";

/**
 * @param text 64 hex digits; colons and case do not matter.
 * @returns upper-case pairs with colons between them.
 * @throws ProxmoxMcpError SCHEMA
 */
export function parseFingerprint(text: string): string {
  const digits = text.replaceAll(":", "");
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    throw new ProxmoxMcpError("SCHEMA", "this is no SHA-256 fingerprint: it needs 64 hex digits", {
      where: { location: "/proxmox/fingerprint" },
      hint: "copy it from `pvenode cert info` on the node, for pve-ssl.pem or pveproxy-ssl.pem",
    });
  }
  return (digits.toUpperCase().match(/../g) ?? []).join(":");
}

/** The host showed another certificate than the one that was pinned. */
export class FingerprintMismatch extends Error {
  override readonly name = "FingerprintMismatch";
  readonly presented: string;
  readonly expected: string;

  constructor(presented: string, expected: string) {
    super("the certificate is not the one that was pinned");
    this.presented = presented;
    this.expected = expected;
  }
}
