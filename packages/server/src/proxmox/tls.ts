/** How a host proves that it is the one meant. */
import { createSecureContext, type TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import { FingerprintMismatch, parseFingerprint } from "./fingerprint.ts";

export interface TlsOptions {
  /** PEM certificates that are trusted instead of the public ones. */
  readonly ca?: string | undefined;
  /** SHA-256 of the one certificate that is accepted, whoever signed it; hex, colons allowed. */
  readonly fingerprint?: string | undefined;
  /** `false` accepts any certificate, and so anybody in between. Default: true. */
  readonly verify?: boolean | undefined;
}

/** How certificates are checked: `fingerprint` goes before everything else. */
export type TlsMode = "public" | "ca" | "fingerprint" | "unverified";

export function tlsMode({ ca, fingerprint, verify = true }: TlsOptions): TlsMode {
  if (fingerprint !== undefined) return "fingerprint";
  if (!verify) return "unverified";
  return ca === undefined ? "public" : "ca";
}

/**
 * Connects with these checks. Nothing is sent before they passed.
 *
 * @param timeout milliseconds until a connection must stand.
 */
export function secureConnector(options: TlsOptions, timeout: number): buildConnector.connector {
  const mode = tlsMode(options);
  const { ca, fingerprint } = options;
  const connect = buildConnector({
    timeout,
    // Without a session every connection shows its certificate anew.
    maxCachedSessions: 0,
    rejectUnauthorized: mode === "public" || mode === "ca",
    ...(mode === "ca" && ca !== undefined ? { secureContext: createSecureContext({ ca }) } : {}),
  });
  if (fingerprint === undefined) return connect;
  const expected = parseFingerprint(fingerprint);
  return (target, callback) => {
    connect(target, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      const presented = fingerprintOf(socket);
      if (presented === expected) return callback(null, socket);
      socket.destroy();
      callback(new FingerprintMismatch(presented, expected), null);
    });
  };
}

function fingerprintOf(socket: object): string {
  return "getPeerX509Certificate" in socket
    ? ((socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? "none")
    : "none";
}
