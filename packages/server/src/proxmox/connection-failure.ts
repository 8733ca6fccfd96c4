/** Why no answer came, in our own words. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { errors } from "undici";
import { FingerprintMismatch } from "./fingerprint.ts";
import { tlsFailure } from "./tls-failure.ts";

const FIREWALL = "check that the host is up and that no firewall or route is in the way";
const PORT = "check the port (8006), and that pveproxy runs there: systemctl status pveproxy";
const NAME = "check proxmox.host for typing errors, and name resolution on this machine";

/** By the code of the system, or of undici. */
const REASONS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOTFOUND: ["its name is not known", NAME],
  EAI_AGAIN: ["its name could not be resolved", `${NAME}: the name server does not answer`],
  EAI_FAIL: ["its name could not be resolved", NAME],
  ENODATA: ["its name has no address", NAME],
  ECONNREFUSED: ["the connection was refused", PORT],
  EHOSTUNREACH: ["no route to the host", FIREWALL],
  EHOSTDOWN: ["the host is down", FIREWALL],
  ENETUNREACH: ["no route to its network", FIREWALL],
  EACCES: ["this machine forbids the connection", FIREWALL],
  EPERM: ["this machine forbids the connection", FIREWALL],
  EADDRNOTAVAIL: ["this machine has no address for it", FIREWALL],
  ECONNRESET: ["the connection was broken off", PORT],
  EPIPE: ["the connection was broken off", PORT],
  ECONNABORTED: ["the connection was broken off", PORT],
  ETIMEDOUT: ["the connection timed out", FIREWALL],
  UND_ERR_SOCKET: ["the connection was broken off", PORT],
};

const BROKEN_OFF: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "UND_ERR_SOCKET",
]);

// They may pass by themselves, as while pveproxy restarts.
const PASSING: ReadonlySet<string> = new Set([
  ...BROKEN_OFF,
  "ECONNREFUSED",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

const TIMEOUTS: ReadonlySet<string> = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

/**
 * @param asked `host:port`.
 * @param timeout milliseconds that were allowed.
 */
export function connectionFailure(error: unknown, asked: string, timeout: number): ProxmoxMcpError {
  const code = codeOf(error);
  if (TIMEOUTS.has(code)) return timedOut(asked, timeout, error);
  const tls = tlsFailure(error, code, asked);
  if (tls !== undefined) return tls;
  if (code === "UND_ERR_CLOSED" || code === "UND_ERR_DESTROYED") {
    return new ProxmoxMcpError("CANCELLED", `the connection to ${asked} was given up`, {
      hint: "call again: the server was stopping or had loaded another config",
      cause: error,
    });
  }
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    return unusable(asked, "sends more than an answer may hold", error);
  }
  if (error instanceof errors.HTTPParserError || code === "UND_ERR_HEADERS_OVERFLOW") {
    // The original holds the bytes that came, and they are whatever the host likes.
    return unusable(asked, "sends what is not HTTP", new Error("not HTTP"));
  }
  const [what, hint] = Object.hasOwn(REASONS, code)
    ? (REASONS[code] ?? ["", ""])
    : [`the connection failed${code === "" ? "" : ` (${code})`}`, FIREWALL];
  return new ProxmoxMcpError("PROXMOX_UNREACHABLE", `cannot reach ${asked}: ${what}`, {
    hint,
    cause: error,
  });
}

/** Nothing, or not enough, came in time. */
export function timedOut(asked: string, timeout: number, cause?: unknown): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "PROXMOX_TIMEOUT",
    `${asked} did not answer within ${timeout / 1000} s`,
    {
      hint: `${FIREWALL}; a busy host may need a larger proxmox.timeout (milliseconds)`,
      cause,
    },
  );
}

/** Whether the same call may succeed a moment later. */
export function isPassing({ code, cause }: ProxmoxMcpError): boolean {
  return code === "PROXMOX_UNREACHABLE" && PASSING.has(codeOf(cause));
}

/** Whether a connection that stood was lost. */
export function isBrokenOff({ code, cause }: ProxmoxMcpError): boolean {
  return code === "PROXMOX_UNREACHABLE" && BROKEN_OFF.has(codeOf(cause));
}

function unusable(asked: string, does: string, cause: unknown): ProxmoxMcpError {
  return new ProxmoxMcpError("PROXMOX_ANSWER", `${asked} ${does}`, {
    hint: "check that host and port are those of the Proxmox API (8006), or ask for less",
    cause,
  });
}

function codeOf(error: unknown): string {
  if (error instanceof FingerprintMismatch) return error.name;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}
