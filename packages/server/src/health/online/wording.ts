/** What both reports say in the same words. */
import type { TlsMode } from "../../proxmox/tls.ts";
import type { Version } from "../../proxmox/version.ts";
import type { PeerCertificate } from "./peer.ts";
import type { Rights } from "./rights.ts";

/** How the certificate was checked. */
export const TLS_MODES: Readonly<Record<TlsMode, string>> = {
  public: "verified by public CAs",
  ca: "verified by proxmox.ca_file",
  fingerprint: "verified by its fingerprint",
  unverified: "NOT verified",
};

/** Whose it is, until when, and by whom. */
export function certificateText({ subject, issuer, selfSigned, expires }: PeerCertificate): string {
  const signer = selfSigned ? "self-signed" : `signed by "${issuer}"`;
  return `"${subject}" until ${expires.toISOString().slice(0, 10)}, ${signer}`;
}

export function releaseText({ version }: Pick<Version, "version">): string {
  return `Proxmox VE ${version}`;
}

export function rightsText({ needed, missing, partly, spared }: Rights): string {
  const everywhere = needed - missing.length - partly.length - spared.length;
  if (everywhere === needed) return `all ${needed} that the enabled tools need`;
  const rest = [
    ...(partly.length > 0 ? [`${partly.length} in part`] : []),
    ...(spared.length > 0 ? [`${spared.length} better not given`] : []),
    ...(missing.length > 0 ? [`${missing.length} missing`] : []),
  ];
  return `${everywhere} of ${needed} that the enabled tools need, ${rest.join(", ")}`;
}
