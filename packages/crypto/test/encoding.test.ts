import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeBase64Url,
  decodeUtf8,
  encodeBase64Url,
  encodeUtf8,
  equalBytes,
} from "../src/encoding.ts";

describe("base64url", () => {
  it.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["\xfb\xff", "-_8="],
  ])("writes %j as %j (RFC 4648)", (bytes, text) => {
    expect(encodeBase64Url(Buffer.from(bytes, "latin1"))).toBe(text);
    expect(decodeBase64Url(text)).toEqual(Buffer.from(bytes, "latin1"));
  });

  it("gives back any bytes, also those in the middle of a larger buffer", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(5), (bytes, offset) => {
        const view = new Uint8Array([...new Uint8Array(offset), ...bytes]).subarray(offset);
        expect(decodeBase64Url(encodeBase64Url(view))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each([
    ["missing padding", "Zg"],
    ["half the padding", "Zg="],
    ["padding on top", "Zm9v===="],
    ["nothing but padding", "===="],
    ["three signs of padding", "Z==="],
    ["padding in the middle", "Zg==Zg=="],
    ["stray bits", "Zh=="],
    ["stray bits before one sign", "Zm9="],
    ["the other alphabet", "+/8="],
    ["a space", "Zm 9"],
    ["a line feed at the end", "Zm9v\n"],
    ["four characters with a line feed", "Zm9\n"],
    ["a letter outside ASCII", "Zm9é"],
  ])("refuses %s", (_, text) => {
    expect(decodeBase64Url(text)).toBeUndefined();
  });

  it("has one spelling only: what decodes encodes to itself", () => {
    const spelling = fc.string({ unit: fc.constantFrom(..."AQZgw9-_+/= \n"), maxLength: 12 });
    fc.assert(
      fc.property(spelling, (text) => {
        const bytes = decodeBase64Url(text);
        if (bytes !== undefined) expect(encodeBase64Url(bytes)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("UTF-8", () => {
  it("gives back any well-formed text, byte order marks and NULs included", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "\uFEFF", "\uFEFFabc", "\0", "a\0b", "\u{10FFFF}"),
    );
    fc.assert(
      fc.property(text, (value) => {
        const bytes = encodeUtf8(value);
        expect(bytes).toBeDefined();
        if (bytes !== undefined) expect(decodeUtf8(bytes)).toBe(value);
      }),
    );
  });

  it.each(["\uD800", "a\uDC00", "\uDC00\uD800"])("cannot hold the lone surrogate in %j", (text) => {
    expect(encodeUtf8(text)).toBeUndefined();
  });

  it.each([
    ["a stray byte", [0xff]],
    ["a sequence cut short", [0xe2, 0x82]],
    ["an overlong form", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
  ])("refuses %s", (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined();
  });
});

describe("equalBytes", () => {
  it("compares content and length", () => {
    expect(equalBytes(Buffer.from("ab"), Buffer.from("ab"))).toBe(true);
    expect(equalBytes(Buffer.from("ab"), Buffer.from("ac"))).toBe(false);
    expect(equalBytes(Buffer.from("ab"), Buffer.from("abc"))).toBe(false);
    expect(equalBytes(Buffer.alloc(0), Buffer.alloc(0))).toBe(true);
  });
});
