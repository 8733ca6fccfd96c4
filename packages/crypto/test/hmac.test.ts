/** HMAC-SHA256 against that of node:crypto. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hmacSha256 } from "../src/hmac.ts";

const reference = (key: Uint8Array, message: Uint8Array) =>
  createHmac("sha256", key).update(message).digest();

describe("HMAC-SHA256", () => {
  it.each([
    [
      "case 1",
      Buffer.alloc(20, 0x0b),
      "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      "case 2",
      Buffer.from("Jefe"),
      "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
  ])("gives the answer of RFC 4231, %s", (_, key, message, mac) => {
    expect(hmacSha256(key, Buffer.from(message)).toString("hex")).toBe(mac);
  });

  it("is that of node:crypto, one call after the other, for keys and messages of any length", () => {
    const call = fc.record({
      key: fc.uint8Array({ maxLength: 70 }),
      message: fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1020, max: 1030 }).map((length) => new Uint8Array(length).fill(length)),
      ),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 10 }), (calls) => {
        const macs = calls.map(({ key, message }) => hmacSha256(key, message));
        expect(macs).toEqual(calls.map(({ key, message }) => reference(key, message)));
      }),
    );
  });

  it("takes a key and a message out of the middle of something larger", () => {
    const bytes = Buffer.from(Array.from({ length: 200 }, (_, index) => index));
    const key = bytes.subarray(3, 19);
    const message = bytes.subarray(30, 130);
    expect(hmacSha256(key, message)).toEqual(reference(key, message));
  });
});
