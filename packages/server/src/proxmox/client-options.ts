/** From the server's config to the options of its client. */
import { X509Certificate } from "node:crypto";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { AuthSection, ProxmoxSection, ServerConfig } from "@proxmox-mcp/crypto/config";
import type { ClientOptions } from "./client.ts";
import type { Credentials } from "./credentials.ts";
import { type TlsMode, type TlsOptions, tlsMode } from "./tls.ts";

// Half a second, a second, two: as long as pveproxy takes to restart.
const RETRY_DELAY = 500;

/**
 * @param readFile gives the text of a file that the config names, and throws where there is none.
 * @throws ProxmoxMcpError SCHEMA for a `ca_file` without certificates, or without credentials.
 */
export function clientOptionsOf(
  { proxmox, auth }: ServerConfig,
  readFile: (path: string) => string,
): ClientOptions {
  const { host, port, timeout, retry_attempts: attempts } = proxmox;
  return {
    target: { host, port },
    credentials: credentialsOf(auth, proxmox),
    tls: tlsOf(proxmox, readFile),
    timeout,
    retry: { attempts, delay: RETRY_DELAY },
  };
}

/** How the certificate of the host is checked. */
export function tlsModeOf(proxmox: ProxmoxSection): TlsMode {
  const { verify_ssl: verify, fingerprint, ca_file: ca } = proxmox;
  return tlsMode({ verify, fingerprint, ca });
}

/** What is written to the log where certificates are not checked; `undefined` where they are. */
export function tlsWarning({ proxmox }: ServerConfig): string | undefined {
  if (tlsModeOf(proxmox) !== "unverified") return undefined;
  const { host, port } = proxmox;
  return `verify_ssl is false: anybody between here and ${host}:${port} can read the credentials; set proxmox.ca_file or proxmox.fingerprint instead`;
}

/** An API token goes before a password. */
function credentialsOf(auth: AuthSection, proxmox: ProxmoxSection): Credentials {
  const { user, token_name: tokenName, token_value: tokenValue } = auth;
  if (tokenName !== undefined && tokenValue !== undefined) return { user, tokenName, tokenValue };
  const password = auth.password ?? proxmox.password;
  if (password !== undefined) return { user, password };
  throw new ProxmoxMcpError("SCHEMA", "there is neither an API token nor a password", {
    where: { location: "/auth" },
    hint: "set auth.token_name and auth.token_value",
  });
}

function tlsOf(proxmox: ProxmoxSection, readFile: (path: string) => string): TlsOptions {
  const { verify_ssl: verify, fingerprint, ca_file: file } = proxmox;
  if (fingerprint !== undefined) return { fingerprint };
  if (!verify) return { verify };
  return file === undefined ? {} : { ca: certificates(readFile(file), file) };
}

function certificates(text: string, file: string): string {
  try {
    new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new ProxmoxMcpError("SCHEMA", `${file} holds no certificate in PEM form`, {
      where: { location: "/proxmox/ca_file" },
      hint: "copy /etc/pve/pve-root-ca.pem from a node",
      cause,
    });
  }
}
