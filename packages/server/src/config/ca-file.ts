/** The certificates that the host's certificate is verified against. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Locate, Resolution } from "@proxmox-mcp/crypto/config";
import { readTextFile } from "@proxmox-mcp/crypto/files";
import { besideConfig, type Contents, contentsOf } from "./files.ts";
import { withProblem } from "./problem.ts";

const LOCATION = "/proxmox/ca_file";
const MAX_BYTES = 4 * 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** A config with the text of its CA file, or one problem more. */
export interface CaOutcome {
  readonly resolution: Resolution;
  /** PEM. */
  readonly ca?: string;
  /** The file as it was before it was read, where the config names one. */
  readonly caFile?: Contents;
}

/** Reads the file that a config names in `proxmox.ca_file`, and checks that it holds certificates. */
export async function readCaFile(
  resolution: Resolution,
  locate: Locate,
  config: string,
): Promise<CaOutcome> {
  const named = resolution.config?.proxmox.ca_file;
  if (named === undefined) return { resolution };
  const file = besideConfig(config, named);
  const caFile = contentsOf([file]);
  try {
    const { text } = readTextFile(file, { maxBytes: MAX_BYTES });
    await requireCertificates(file, text);
    return { resolution, ca: text, caFile };
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    // A missing file goes by the name of the config where it is read.
    const isMissing = error.code === "FILE_NOT_FOUND";
    const message = isMissing ? `there is no CA file ${file}` : error.message;
    const problem = new ProxmoxMcpError(error.code, message, {
      where: locate(LOCATION),
      hint: "name a file of PEM certificates; on a Proxmox node it is /etc/pve/pve-root-ca.pem",
      cause: error,
    });
    return { resolution: withProblem(resolution, problem), caFile };
  }
}

async function requireCertificates(file: string, text: string): Promise<void> {
  const { X509Certificate } = await import("node:crypto");
  const certificates = text.match(CERTIFICATE) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
    if (certificates.length > 0) return;
  } catch {
    // What stands between the lines is no certificate.
  }
  throw new ProxmoxMcpError("SCHEMA", `${file} does not hold PEM certificates, or a broken one`);
}
