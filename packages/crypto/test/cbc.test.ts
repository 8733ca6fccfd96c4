/** AES-128-CBC decryption against that of node:crypto. */
import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decryptCbc } from "../src/cbc.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** IV and ciphertext, as node:crypto makes it. */
function encrypted(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]);
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const message = fc.record({
  key: fc.oneof(bytes(16), fc.constant(new Uint8Array(16).fill(7))),
  iv: bytes(16),
  plain: fc
    .oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 62, max: 66 }))
    .chain((blocks) => bytes(16 * blocks)),
});

describe("AES-128-CBC", () => {
  it("gives the answer of NIST SP 800-38A, F.2.2", () => {
    const key = hex("2b7e151628aed2a6abf7158809cf4f3c");
    const iv = "000102030405060708090a0b0c0d0e0f";
    const ciphertext =
      "7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2 73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7";
    expect(decryptCbc(key, hex(`${iv}${ciphertext}`)).toString("hex")).toBe(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    );
  });

  it("is that of node:crypto, one message after the other, of any length and under any keys", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
        const opened = messages.map(({ key, iv, plain }) =>
          decryptCbc(key, encrypted(key, iv, plain)),
        );
        expect(opened).toEqual(messages.map(({ plain }) => Buffer.from(plain)));
      }),
    );
  });

  it("takes the key as it is now, even where it was another one in the same place before", () => {
    const key = Buffer.alloc(16, 1);
    const iv = Buffer.alloc(16, 2);
    const plain = Buffer.alloc(32, 3);
    expect(decryptCbc(key, encrypted(key, iv, plain))).toEqual(plain);
    key.fill(4);
    expect(decryptCbc(key, encrypted(key, iv, plain))).toEqual(plain);
  });
});
