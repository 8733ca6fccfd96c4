/** Who answers at a host: its address and the certificate that it shows, trusted or not. */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { connectionFailure, timedOut } from "../../proxmox/connection-failure.ts";
import { authority, type Target } from "../../proxmox/target.ts";
import { quotable } from "../../proxmox/upstream-text.ts";

/** The other end of a TLS connection. */
export interface Peer {
  /** The IP address that its name stands for. */
  readonly address: string;
  /** As in `TLSv1.3`. */
  readonly protocol: string;
  readonly certificate: PeerCertificate;
}

/** What a certificate says. Nobody has checked it. */
export interface PeerCertificate {
  /** The common name, or the whole subject where there is none. */
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  /** Until when it holds. */
  readonly expires: Date;
  /** SHA-256, upper-case pairs with colons between them. */
  readonly fingerprint: string;
}

/**
 * Connects to see who is there, and sends nothing: no credentials, not even a request.
 *
 * @param timeout milliseconds.
 * @throws ProxmoxMcpError PROXMOX_UNREACHABLE, PROXMOX_TIMEOUT, PROXMOX_TLS
 */
export async function meetPeer(target: Target, timeout: number): Promise<Peer> {
  const host = target.host.replace(/^\[|\]$/g, "");
  const socket = connect({
    host,
    port: target.port,
    servername: isIP(host) === 0 ? host : "",
    // It is looked at here; the client that sends the credentials verifies it.
    rejectUnauthorized: false,
  });
  const asked = authority(target);
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(timedOut(asked, timeout)), timeout);
      socket.once("secureConnect", resolve);
      socket.once("error", (error) => reject(connectionFailure(error, asked, timeout)));
    });
    return peerOf(socket);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function peerOf(socket: TLSSocket): Peer {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw new TypeError("a TLS server without a certificate");
  return {
    address: socket.remoteAddress ?? "",
    protocol: socket.getProtocol() ?? "",
    certificate: factsOf(certificate),
  };
}

function factsOf(certificate: X509Certificate): PeerCertificate {
  const { subject, issuer, validTo, fingerprint256 } = certificate;
  return {
    subject: nameIn(subject),
    issuer: nameIn(issuer),
    selfSigned: subject === issuer && certificate.verify(certificate.publicKey),
    expires: new Date(validTo),
    fingerprint: fingerprint256,
  };
}

function nameIn(distinguished: string): string {
  const [, common] = /^CN=(.+)$/m.exec(distinguished) ?? [];
  return quotable(common ?? distinguished, 100);
}
