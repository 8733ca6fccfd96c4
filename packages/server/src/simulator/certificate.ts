/**
 * A self-signed certificate for a server on this machine, made anew at every start so that no private
 * key is ever in the package.
 */
import { generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import {
  alternativeNames,
  authority,
  certificate,
  commonName,
  DNS_NAME,
  der,
  IP_ADDRESS,
} from "./der.ts";

/** A certificate with its key, both PEM. */
export interface ServerIdentity {
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 over the certificate, as in `AB:CD:…`. */
  readonly fingerprint: string;
}

const DAY = 86_400_000;
const LOOPBACK = [Uint8Array.of(127, 0, 0, 1), Uint8Array.of(...Array(15).fill(0), 1)];

/** Makes a certificate for 127.0.0.1, ::1 and localhost, valid for a year from yesterday. */
export function createIdentity({
  now,
  random,
}: {
  readonly now: () => Date;
  readonly random: (size: number) => Uint8Array;
}): ServerIdentity {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = commonName("simulated Proxmox VE");
  const start = now().getTime() - DAY;
  const serial = Uint8Array.from(random(16), (byte, index) =>
    index === 0 ? (byte & 0x3f) | 0x40 : byte,
  );
  const hosts = alternativeNames(
    ...LOOPBACK.map((address) => der(IP_ADDRESS, address)),
    der(DNS_NAME, "localhost"),
  );
  const bytes = certificate(
    {
      serial,
      issuer: name,
      subject: name,
      notBefore: start,
      notAfter: start + 365 * DAY,
      publicKey: publicKey.export({ type: "spki", format: "der" }),
      // It signs itself, so a client that is given it as a CA file must find an authority in it.
      extensions: [hosts, authority()],
    },
    (content) => sign("sha256", content, privateKey),
  );
  const made = new X509Certificate(bytes);
  return {
    certificate: made.toString(),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    fingerprint: made.fingerprint256,
  };
}
