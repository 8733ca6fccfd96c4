/** The certificate that clients over HTTP are shown. */
import { type ErrorCode, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Locate, Resolution, TlsFiles } from "@proxmox-mcp/crypto/config";
import { readTextFile } from "@proxmox-mcp/crypto/files";
import { besideConfig, type Contents, contentsOf } from "./files.ts";
import { withProblem } from "./problem.ts";

/** What is asked of connections. */
export const TLS_LIMITS = { minVersion: "TLSv1.2" } as const;

const MAX_BYTES = 1024 * 1024;

/** A certificate chain and its private key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A config with what its TLS files hold, or one problem more. */
export interface CertificateOutcome {
  readonly resolution: Resolution;
  readonly certificate?: Certificate;
  /** The files as they were before they were read, where the config names any. */
  readonly tlsFiles?: Contents;
}

/** Reads the files that a config names in `http.tls`, and checks that they belong together. */
export async function readCertificate(
  resolution: Resolution,
  locate: Locate,
  config: string,
): Promise<CertificateOutcome> {
  const named = resolution.config?.http.tls;
  if (named === undefined) return { resolution };
  const cert = besideConfig(config, named.cert);
  const key = besideConfig(config, named.key);
  const tlsFiles = contentsOf([cert, key]);
  try {
    return { resolution, certificate: await readPair({ cert, key }), tlsFiles };
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    const { code, message, where, hint } = error;
    const placed = { where: locate(where.location ?? "/http/tls"), hint };
    const problem = new ProxmoxMcpError(code, message, placed);
    return { resolution: withProblem(resolution, problem), tlsFiles };
  }
}

async function readPair(files: TlsFiles): Promise<Certificate> {
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  const cert = textOf("cert", files.cert);
  const certificate = parsed("cert", files.cert, () => new X509Certificate(cert));
  const key = textOf("key", files.key);
  const privateKey = parsed("key", files.key, () => createPrivateKey(key));
  const { createSecureContext } = await import("node:tls");
  if (certificate.checkPrivateKey(privateKey)) {
    // Also looks at the rest of the chain, and at what OpenSSL finds too weak.
    parsed("cert", files.cert, () => createSecureContext({ cert, key, ...TLS_LIMITS }));
    return { cert, key };
  }
  const message = `the private key in ${files.key} is not that of the certificate in ${files.cert}`;
  throw tlsError("SCHEMA", "key", message, "name the key that the certificate was made with");
}

const KINDS: Readonly<Record<keyof TlsFiles, string>> = {
  cert: "PEM certificate",
  key: "PEM private key without a passphrase",
};

function textOf(name: keyof TlsFiles, file: string): string {
  try {
    return readTextFile(file, { maxBytes: MAX_BYTES }).text;
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    // A missing file goes by the name of the config where it is read.
    const isMissing = error.code === "FILE_NOT_FOUND";
    const message = isMissing ? `there is no file ${file}` : error.message;
    const hint = `name a file with a ${KINDS[name]} that this user may read`;
    throw tlsError(error.code, name, message, hint);
  }
}

/** What OpenSSL says of a file that it cannot read helps nobody. */
function parsed<T>(name: keyof TlsFiles, file: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    const message = `${file} does not hold a ${KINDS[name]}`;
    throw tlsError("SCHEMA", name, message, `name a file with a ${KINDS[name]}`);
  }
}

function tlsError(
  code: ErrorCode,
  name: keyof TlsFiles,
  message: string,
  hint: string,
): ProxmoxMcpError {
  return new ProxmoxMcpError(code, message, { where: { location: `/http/tls/${name}` }, hint });
}
