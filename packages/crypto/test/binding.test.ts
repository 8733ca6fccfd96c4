import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bindingIv, bindsTo } from "../src/binding.ts";
import { bound } from "./vectors.ts";

const KEY = Buffer.alloc(32, 7);
const NONCE = Buffer.alloc(8, 9);

describe("the IV of a bound token", () => {
  it.each(bound.good)("is the one of the vector for $location", (vector) => {
    const iv = bindingIv(
      {
        nonce: Buffer.from(vector.nonce, "hex"),
        location: vector.location,
        timestamp: BigInt(vector.timestamp),
        plaintext: Buffer.from(vector.plaintext),
      },
      Buffer.from(vector.derived_key, "hex"),
    );
    expect(iv.toString("hex")).toBe(vector.iv);
  });

  it("begins with the nonce and is 16 bytes long", () => {
    const iv = bindingIv(
      { nonce: NONCE, location: "/a", timestamp: 1n, plaintext: Buffer.from("x") },
      KEY,
    );
    expect(iv).toHaveLength(16);
    expect(iv.subarray(0, 8)).toEqual(NONCE);
  });

  it("binds to exactly what it was made of", () => {
    const binding = fc.record({
      location: fc.string(),
      timestamp: fc.bigInt(0n, 2n ** 64n - 1n),
      plaintext: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(binding, binding, (one, two) => {
        const iv = bindingIv({ ...one, nonce: NONCE }, KEY);
        expect(bindsTo(iv, one, KEY)).toBe(true);
        expect(bindsTo(iv, one, Buffer.alloc(32, 8))).toBe(false);
        const { location, timestamp, plaintext } = two;
        if (location !== one.location) expect(bindsTo(iv, { ...one, location }, KEY)).toBe(false);
        if (timestamp !== one.timestamp)
          expect(bindsTo(iv, { ...one, timestamp }, KEY)).toBe(false);
        if (!plaintext.equals(one.plaintext)) {
          expect(bindsTo(iv, { ...one, plaintext }, KEY)).toBe(false);
        }
      }),
    );
  });

  it("keeps location and plaintext apart, wherever the border between them is", () => {
    const iv = (location: string, plaintext: string) =>
      bindingIv({ nonce: NONCE, location, timestamp: 0n, plaintext: Buffer.from(plaintext) }, KEY);
    expect(iv("/ab", "c")).not.toEqual(iv("/a", "bc"));
    expect(iv("", "/abc")).not.toEqual(iv("/abc", ""));
  });

  it("binds to no location that UTF-8 cannot hold", () => {
    const binding = { location: "/\uFFFD", timestamp: 1n, plaintext: Buffer.from("x") };
    const iv = bindingIv({ ...binding, nonce: NONCE }, KEY);
    expect(bindsTo(iv, binding, KEY)).toBe(true);
    expect(bindsTo(iv, { ...binding, location: "/\uD800" }, KEY)).toBe(false);
  });
});
