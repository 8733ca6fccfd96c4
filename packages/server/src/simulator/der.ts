/** The parts of X.509 certificates in DER (RFC 5280, X.690). Libraries for this weigh a third of a megabyte. */

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
/** Within subjectAltName. */
export const DNS_NAME = 0x82;
/** Within subjectAltName: 4 or 16 bytes. */
export const IP_ADDRESS = 0x87;

const IDENTIFIERS = {
  ecdsaWithSha256: "2a8648ce3d040302",
  commonName: "550403",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
} as const;

/** One element: tag, length, content. */
export function der(tag: number, ...contents: readonly (string | Uint8Array)[]): Buffer {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part as Uint8Array)));
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...size), content]);
}

/** An object identifier by its name. */
function oid(name: keyof typeof IDENTIFIERS): Buffer {
  return der(0x06, Buffer.from(IDENTIFIERS[name], "hex"));
}

/** A moment, given in milliseconds since 1970. */
function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, "");
  // Two digits for the year, up to 2049.
  return text < "2050" ? der(0x17, text.slice(2)) : der(0x18, text);
}

/** A name that is a common name alone. */
export function commonName(text: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, oid("commonName"), der(0x0c, text))));
}

/** The extension that makes a certificate an authority. */
export function authority(): Buffer {
  const isAuthority = der(SEQUENCE, der(0x01, Uint8Array.of(0xff)));
  const critical = der(0x01, Uint8Array.of(0xff));
  return der(SEQUENCE, oid("basicConstraints"), critical, der(OCTET_STRING, isAuthority));
}

/** The extension that names the hosts of a certificate. */
export function alternativeNames(...names: readonly Buffer[]): Buffer {
  return der(SEQUENCE, oid("subjectAltName"), der(OCTET_STRING, der(SEQUENCE, ...names)));
}

/** What is signed in a certificate, version 3, for ECDSA with SHA-256. */
export interface CertificateContent {
  /** At most 20 bytes, the first from 1 to 127. */
  readonly serial: Uint8Array;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Buffer[];
}

/** A certificate, signed by what `sign` makes of its content. */
export function certificate(
  { serial, issuer, subject, notBefore, notAfter, publicKey, extensions }: CertificateContent,
  sign: (content: Uint8Array) => Uint8Array,
): Buffer {
  const algorithm = der(SEQUENCE, oid("ecdsaWithSha256"));
  const content = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Uint8Array.of(2))),
    der(INTEGER, serial),
    algorithm,
    issuer,
    der(SEQUENCE, time(notBefore), time(notAfter)),
    subject,
    publicKey,
    der(0xa3, der(SEQUENCE, ...extensions)),
  );
  return der(SEQUENCE, content, algorithm, der(0x03, Uint8Array.of(0), sign(content)));
}
