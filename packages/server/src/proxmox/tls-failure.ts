/** Why a host was not trusted, with the ways out in the order in which they should be tried. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { FingerprintMismatch } from "./fingerprint.ts";
import { quotable } from "./upstream-text.ts";

const REMEDIES =
  "first, set proxmox.ca_file to the CA of the cluster (a copy of /etc/pve/pve-root-ca.pem); " +
  "or set proxmox.fingerprint to the SHA-256 fingerprint that `pvenode cert info` shows on the node; " +
  "last, and only in a network that you trust, set proxmox.verify_ssl to false";

const UNKNOWN_SIGNER = "its certificate is signed by nobody known here";

/** By the code of OpenSSL, as Node names it. */
const FAULTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_SIGNER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_SIGNER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_SIGNER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_SIGNER,
  CERT_UNTRUSTED: UNKNOWN_SIGNER,
  CERT_SIGNATURE_FAILURE: "its certificate is signed by another CA of the same name",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not yet valid: compare the clocks",
  CERT_REVOKED: "its certificate was revoked",
  INVALID_CA: "its certificate is signed by one that may not sign",
  INVALID_PURPOSE: "its certificate is not meant for servers",
  CERT_CHAIN_TOO_LONG: "its chain of certificates is too long",
};

/** @returns `undefined` for what is no fault of TLS. */
export function tlsFailure(
  error: unknown,
  code: string,
  asked: string,
): ProxmoxMcpError | undefined {
  if (error instanceof FingerprintMismatch) return otherCertificate(error, asked);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return otherName(error, asked);
  if (Object.hasOwn(FAULTS, code)) return notTrusted(`${FAULTS[code]}`, asked, error, REMEDIES);
  if (code === "EPROTO" || code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_")) {
    return new ProxmoxMcpError("PROXMOX_TLS", `${asked} does not speak TLS as we do (${code})`, {
      hint: "check the port (8006): Proxmox answers there by HTTPS alone",
      cause: error,
    });
  }
  return undefined;
}

function notTrusted(why: string, asked: string, cause: unknown, hint: string): ProxmoxMcpError {
  return new ProxmoxMcpError("PROXMOX_TLS", `${asked} is not trusted: ${why}`, { hint, cause });
}

function otherName(error: unknown, asked: string): ProxmoxMcpError {
  const names = quotable(namesIn(error), 200);
  const why = `its certificate is for ${names === "" ? "another host" : names}`;
  return notTrusted(why, asked, error, `name the host as its certificate does, or ${REMEDIES}`);
}

function namesIn(error: unknown): string {
  const cert = error instanceof Error && "cert" in error ? error.cert : undefined;
  const names =
    typeof cert === "object" && cert !== null && "subjectaltname" in cert
      ? cert.subjectaltname
      : "";
  return typeof names === "string" ? names : "";
}

function otherCertificate(mismatch: FingerprintMismatch, asked: string): ProxmoxMcpError {
  const { presented, expected } = mismatch;
  return notTrusted(
    `its certificate has the fingerprint ${presented}, not ${expected}`,
    asked,
    mismatch,
    "if the certificate was renewed, compare with `pvenode cert info` on the node and change " +
      "proxmox.fingerprint, or set proxmox.ca_file instead; if it was not, somebody is in between",
  );
}
