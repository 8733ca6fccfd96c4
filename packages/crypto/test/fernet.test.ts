import { createCipheriv, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64Url, encodeBase64Url } from "../src/encoding.ts";
import {
  decryptFernet,
  type FernetToken,
  parseFernet,
  printFernet,
  sealFernet,
  verifyFernet,
} from "../src/fernet.ts";
import { cbc, type SpecVector, spec } from "./vectors.ts";

const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

/** Opens a token as every caller does: parse, verify, decrypt. */
function open(text: string, key: Uint8Array): Buffer | undefined {
  const token = parseFernet(text);
  if (token === undefined || !verifyFernet(token, key)) return undefined;
  return decryptFernet(token, key);
}

/** A token with the right MAC around blocks that were padded by hand. */
function signedBlocks(blocks: Buffer): string {
  const iv = Buffer.alloc(16, 9);
  const cipher = createCipheriv("aes-128-cbc", KEY.subarray(16), iv).setAutoPadding(false);
  const signed = Buffer.concat([Buffer.of(0x80), Buffer.alloc(8), iv, cipher.update(blocks)]);
  const mac = createHmac("sha256", KEY.subarray(0, 16)).update(signed).digest();
  return encodeBase64Url(Buffer.concat([signed, mac]));
}

function secretOf({ secret }: SpecVector): Buffer {
  return decodeBase64Url(secret) ?? Buffer.alloc(0);
}

describe("the vectors of the specification", () => {
  it.each(spec("generate"))("generates $token", (vector) => {
    const token = sealFernet(
      {
        plaintext: Buffer.from(vector.src),
        timestamp: BigInt(Date.parse(vector.now) / 1000),
        iv: Buffer.from(vector.iv),
      },
      secretOf(vector),
    );
    expect(printFernet(token)).toBe(vector.token);
  });

  it.each(spec("verify"))("opens $token", (vector) => {
    expect(open(vector.token, secretOf(vector))?.toString()).toBe(vector.src);
  });

  const aboutTheClock = ["far-future TS (unacceptable clock skew)", "expired TTL"];

  it.each(spec("invalid").filter(({ desc }) => !aboutTheClock.includes(desc)))(
    "refuses: $desc",
    (vector) => {
      expect(open(vector.token, secretOf(vector))).toBeUndefined();
    },
  );

  it.each(spec("invalid").filter(({ desc }) => aboutTheClock.includes(desc)))(
    "accepts a token that is invalid by its time alone, because a secret at rest has no time to live: $desc",
    (vector) => {
      expect(open(vector.token, secretOf(vector))).toEqual(Buffer.alloc(0));
    },
  );

  it.each(["payload padding error", "incorrect IV (causes padding error)"])(
    "refuses behind a good MAC: %s",
    (wanted) => {
      const vector = spec("invalid").find(({ desc }) => desc === wanted);
      const token = parseFernet(vector?.token ?? "");
      if (vector === undefined || token === undefined) throw new Error("the vector is missing");
      expect(verifyFernet(token, secretOf(vector))).toBe(true);
      expect(decryptFernet(token, secretOf(vector))).toBeUndefined();
    },
  );

  it("has eight invalid vectors, two of them about the clock", () => {
    expect(spec("invalid")).toHaveLength(8);
    expect(spec("invalid").filter(({ desc }) => aboutTheClock.includes(desc))).toHaveLength(2);
  });
});

describe("the AES-128-CBC-PKCS5 vectors of Wycheproof", () => {
  const tests = cbc.filter(({ keySize }) => keySize === 128).flatMap((group) => group.tests);

  it.each(tests)("$tcId $comment: $result", ({ key, iv, msg, ct, result }) => {
    const fernetKey = Buffer.concat([Buffer.alloc(16), Buffer.from(key, "hex")]);
    const plaintext = Buffer.from(msg, "hex");
    const sealed = sealFernet({ plaintext, timestamp: 0n, iv: Buffer.from(iv, "hex") }, fernetKey);
    const { timestamp, bytes } = sealed;
    const blocks = Buffer.from(`${iv}${ct}`, "hex");
    const token: FernetToken = { timestamp, iv: sealed.iv, blocks, bytes };
    if (result === "valid") {
      expect(sealed.blocks.toString("hex")).toBe(`${iv}${ct}`);
      expect(decryptFernet(token, fernetKey)).toEqual(plaintext);
    } else {
      expect(decryptFernet(token, fernetKey)).toBeUndefined();
    }
  });

  it("are 72", () => expect(tests).toHaveLength(72));
});

describe("a token", () => {
  const input = fc.record({
    plaintext: fc.uint8Array({ maxLength: 80 }),
    timestamp: fc.bigInt(0n, 2n ** 64n - 1n),
    iv: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  });
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

  it("opens to what was sealed, and prints back as it was parsed", () => {
    fc.assert(
      fc.property(input, key, (sealed, secret) => {
        const made = sealFernet(sealed, secret);
        const text = printFernet(made);
        const token = parseFernet(text);
        expect(token).toEqual(made);
        if (token === undefined) return;
        expect(printFernet(token)).toBe(text);
        expect(token.timestamp).toBe(sealed.timestamp);
        expect(token.iv).toEqual(Buffer.from(sealed.iv));
        expect(verifyFernet(token, secret)).toBe(true);
        expect(decryptFernet(token, secret)).toEqual(Buffer.from(sealed.plaintext));
      }),
    );
  });

  it("has the layout of the specification", () => {
    const iv = Buffer.alloc(16, 0xaa);
    const token = sealFernet(
      { plaintext: Buffer.from("x"), timestamp: 0x0102030405060708n, iv },
      KEY,
    );
    const bytes = decodeBase64Url(printFernet(token)) ?? Buffer.alloc(0);
    expect(bytes.subarray(0, 9).toString("hex")).toBe("800102030405060708");
    expect(bytes.subarray(9, 25)).toEqual(iv);
    expect(bytes).toHaveLength(9 + 16 + 16 + 32);
    const mac = createHmac("sha256", KEY.subarray(0, 16)).update(bytes.subarray(0, -32)).digest();
    expect(bytes.subarray(-32)).toEqual(mac);
  });

  it("is what node:crypto makes of the specification, also after a token that does not open", () => {
    const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const input = fc.record({
      plaintext: fc.oneof(fc.uint8Array({ maxLength: 100 }), bytesOf(1008), bytesOf(5000)),
      timestamp: fc.bigInt({ min: 0n, max: 2n ** 40n }),
      iv: bytesOf(16),
      isDamaged: fc.boolean(),
    });
    fc.assert(
      fc.property(bytesOf(32), fc.array(input, { maxLength: 4 }), (key, inputs) => {
        for (const { plaintext, timestamp, iv, isDamaged } of inputs) {
          const head = Buffer.alloc(9, 0x80);
          head.writeBigUInt64BE(timestamp, 1);
          const cipher = createCipheriv("aes-128-cbc", key.subarray(16), iv);
          const signed = Buffer.concat([head, iv, cipher.update(plaintext), cipher.final()]);
          const mac = createHmac("sha256", key.subarray(0, 16)).update(signed).digest();
          const text = encodeBase64Url(Buffer.concat([signed, mac]));
          expect(printFernet(sealFernet({ plaintext, timestamp, iv }, key))).toBe(text);
          if (isDamaged) {
            mac[31] = (mac[31] ?? 0) ^ 1;
            const damaged = encodeBase64Url(Buffer.concat([signed, mac]));
            expect(open(damaged, key)).toBeUndefined();
          }
          expect(open(text, key)).toEqual(Buffer.from(plaintext));
        }
      }),
    );
  });

  it.each([
    ["0", [0]],
    ["more than a block", [17]],
    ["bytes that differ", [1, 2]],
    ["the first of 16 that differs", [15, ...new Array<number>(15).fill(16)]],
  ])("does not open what ends in padding of %s", (_, end) => {
    const block = Buffer.concat([Buffer.alloc(16 - end.length, 7), Buffer.from(end)]);
    expect(open(signedBlocks(block), KEY)).toBeUndefined();
  });

  it("opens to nothing what is a whole block of padding", () => {
    expect(open(signedBlocks(Buffer.alloc(16, 16)), KEY)).toEqual(Buffer.alloc(0));
  });

  it("opens with neither half of the key changed", () => {
    const token = sealFernet(
      { plaintext: Buffer.from("value"), timestamp: 1n, iv: Buffer.alloc(16) },
      KEY,
    );
    const otherSigning = Buffer.from(KEY);
    otherSigning[15] = 0xff;
    expect(verifyFernet(token, otherSigning)).toBe(false);
    const otherEncryption = Buffer.from(KEY);
    otherEncryption[31] = 0xff;
    expect(verifyFernet(token, otherEncryption)).toBe(true);
    expect(decryptFernet(token, otherEncryption)).not.toEqual(Buffer.from("value"));
  });

  it.each([
    ["the empty text", Buffer.alloc(0)],
    ["another version", Buffer.concat([Buffer.of(0x81), Buffer.alloc(72)])],
    ["no ciphertext", Buffer.concat([Buffer.of(0x80), Buffer.alloc(56)])],
    ["less than a block", Buffer.concat([Buffer.of(0x80), Buffer.alloc(71)])],
    ["a block and a byte", Buffer.concat([Buffer.of(0x80), Buffer.alloc(73)])],
    ["the version alone", Buffer.of(0x80)],
  ])("is not what has %s", (_, bytes) => {
    expect(parseFernet(encodeBase64Url(bytes))).toBeUndefined();
  });

  it("has at least one block", () => {
    const least = Buffer.concat([Buffer.of(0x80), Buffer.alloc(72)]);
    expect(parseFernet(encodeBase64Url(least))?.blocks).toHaveLength(32);
  });

  it("has one spelling", () => {
    const [{ token } = { token: "" }] = spec("verify");
    expect(parseFernet(token)).toBeDefined();
    expect(parseFernet(token.slice(0, -1))).toBeUndefined();
    expect(parseFernet(`${token}\n`)).toBeUndefined();
    expect(parseFernet(` ${token}`)).toBeUndefined();
    expect(parseFernet(token.replaceAll("_", "/"))).toBeUndefined();
  });
});
