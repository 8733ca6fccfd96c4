/** Certificates for servers on loopback, made anew in each run. */
import {
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { isIPv4 } from "node:net";
import {
  alternativeNames,
  authority as authorityExtension,
  certificate,
  commonName,
  DNS_NAME,
  der,
  IP_ADDRESS,
} from "../../src/simulator/der.ts";

const DAY = 24 * 60 * 60 * 1000;

export interface Identity {
  readonly cert: string;
  readonly key: string;
  /** SHA-256, upper-case pairs with colons. */
  readonly fingerprint: string;
}

export interface Authority extends Identity {
  issue(options?: CertificateOptions): Promise<Identity>;
}

export interface CertificateOptions {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  /** Days from now. Default: 1. */
  readonly expires?: number;
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A certificate that signs itself, as Proxmox has none after installation but many hosts do. */
export async function selfSigned(options: CertificateOptions = {}): Promise<Identity> {
  const keys = keyPair();
  const name = commonName("self-signed example");
  return identityOf(keys, { subject: name, issuer: name, signer: keys }, options);
}

/** A CA, as every Proxmox cluster has one. */
export async function authority(): Promise<Authority> {
  const keys = keyPair();
  const name = commonName("Example Cluster CA");
  const own = identityOf(
    keys,
    { subject: name, issuer: name, signer: keys, isAuthority: true },
    {},
  );
  const issue = async (options: CertificateOptions = {}): Promise<Identity> =>
    identityOf(
      keyPair(),
      { subject: commonName("node example"), issuer: name, signer: keys },
      options,
    );
  return { ...own, issue };
}

interface Names {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly signer: Pair;
  readonly isAuthority?: boolean;
}

function identityOf(
  keys: Pair,
  { subject, issuer, signer, isAuthority = false }: Names,
  { names = ["localhost"], addresses = ["127.0.0.1"], expires = 1 }: CertificateOptions,
): Identity {
  const hosts = alternativeNames(
    ...names.map((name) => der(DNS_NAME, name)),
    ...addresses.map((address) => der(IP_ADDRESS, bytesOf(address))),
  );
  const bytes = certificate(
    {
      serial: Buffer.concat([Uint8Array.of(1), randomBytes(8)]),
      issuer,
      subject,
      notBefore: Date.now() - 10 * DAY,
      notAfter: Date.now() + expires * DAY,
      publicKey: keys.publicKey.export({ type: "spki", format: "der" }),
      extensions: isAuthority ? [authorityExtension()] : [hosts],
    },
    (content) => sign("sha256", content, signer.privateKey),
  );
  const made = new X509Certificate(bytes);
  return {
    cert: made.toString(),
    key: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    fingerprint: made.fingerprint256,
  };
}

function bytesOf(address: string): Uint8Array {
  if (!isIPv4(address)) throw new TypeError("only IPv4 addresses are made here");
  return Uint8Array.from(address.split("."), Number);
}

function keyPair(): Pair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}
