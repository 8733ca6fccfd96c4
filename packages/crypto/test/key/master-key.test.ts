import { createHash } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  generateMasterKey,
  MASTER_KEY_LENGTH,
  MasterKey,
  parseMasterKey,
} from "../../src/key/master-key.ts";
import { exampleKey, KEY, WEAK_KEY } from "../material.ts";
import { refusal } from "../refusal.ts";

/** Both alphabets differ in it: it has `-` and `_`. */
const BYTES = Buffer.concat([Buffer.from("fbefbeffff", "hex"), KEY.bytes]).subarray(0, 32);
const TEXT = new MasterKey(BYTES).reveal();

const keyBytes = fc.uint8Array({ minLength: 1, maxLength: 70 });

describe("reading a master key", () => {
  it("gives back every key that was written", () => {
    fc.assert(
      fc.property(keyBytes, (bytes) => {
        const key = new MasterKey(bytes);
        expect(parseMasterKey(key.reveal()).bytes).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("accepts both alphabets, missing padding and white space around", () => {
    const space = fc.string({ unit: fc.constantFrom(..." \t\r\n"), maxLength: 3 });
    fc.assert(
      fc.property(
        keyBytes,
        fc.boolean(),
        fc.boolean(),
        space,
        space,
        (bytes, std, padded, a, b) => {
          const alphabet = Buffer.from(bytes)
            .toString(std ? "base64" : "base64url")
            .replace(/=+$/, "");
          const padding = padded ? "=".repeat((4 - (alphabet.length % 4)) % 4) : "";
          expect(parseMasterKey(a + alphabet + padding + b).bytes).toEqual(Buffer.from(bytes));
        },
      ),
    );
  });

  it("writes 44 characters of padded base64url", () => {
    expect(TEXT).toMatch(/^[A-Za-z0-9_-]{43}=$/);
    expect(TEXT).toMatch(/[_-]/);
    expect(parseMasterKey(TEXT.replaceAll("-", "+").replaceAll("_", "/")).reveal()).toBe(TEXT);
  });

  it.each([
    ["", "KEY_EMPTY", /^the master key is empty$/],
    [" \n\t", "KEY_EMPTY", /empty/],
    [`"${TEXT}"`, "KEY_INVALID", /quotes/],
    [`'${TEXT}'`, "KEY_INVALID", /quotes/],
    [`\`${TEXT}\``, "KEY_INVALID", /quotes/],
    [`${TEXT}'`, "KEY_INVALID", /quotes/],
    [`${TEXT}${TEXT}`, "KEY_INVALID", /padding in its middle.*glued together/],
    [`${TEXT}${TEXT.slice(0, -1)}`, "KEY_INVALID", /padding in its middle/],
    [`=${TEXT}`, "KEY_INVALID", /padding in its middle/],
    [`${TEXT}==`, "KEY_INVALID", /padding in its middle/],
    ["==", "KEY_INVALID", /character that base64url does not have/],
    [`${TEXT.slice(0, 20)}*${TEXT.slice(21)}`, "KEY_INVALID", /character that base64url does not/],
    [`*${TEXT.slice(1)}`, "KEY_INVALID", /character that base64url does not have/],
    [`${TEXT.slice(0, 20)} ${TEXT.slice(20)}`, "KEY_INVALID", /character that base64url does not/],
    [`${TEXT.slice(0, 20)}é${TEXT.slice(21)}`, "KEY_INVALID", /character that base64url does not/],
    [`--${"A".repeat(39)}+A=`, "KEY_INVALID", /mixes the two base64 alphabets/],
    [`//${"A".repeat(39)}_A=`, "KEY_INVALID", /mixes the two base64 alphabets/],
    ["A".repeat(41), "KEY_INVALID", /cut short or has characters too many/],
    ["A", "KEY_INVALID", /cut short or has characters too many/],
    [`${"A".repeat(42)}=`, "KEY_INVALID", /cut short or has characters too many/],
    [`${"A".repeat(43)}==`, "KEY_INVALID", /cut short or has characters too many/],
    [`${"A".repeat(42)}B=`, "KEY_INVALID", /ends in a character that no encoder writes/],
    [`${"A".repeat(42)}B`, "KEY_INVALID", /ends in a character that no encoder writes/],
    [`${"A".repeat(41)}B==`, "KEY_INVALID", /ends in a character that no encoder writes/],
  ] as const)("refuses %j: %s", async (text, code, trouble) => {
    const error = await refusal(code, () => parseMasterKey(text));
    expect(error.message).toMatch(/^the master key /);
    expect(error.message).toMatch(trouble);
    expect(error.hint).toMatch(/32 random bytes as 44 characters.*generate-key/);
  });

  it("refuses every other text without repeating a part of it", () => {
    const noise = fc.string({
      unit: fc.constantFrom(..."kQ7=-+_/*'\" "),
      minLength: 8,
      maxLength: 60,
    });
    fc.assert(
      fc.property(noise, (text) => {
        try {
          const key = parseMasterKey(text);
          expect(key.reveal().replace(/=+$/, "")).toBe(
            text.trim().replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_"),
          );
        } catch (error) {
          expect(error).toMatchObject({ name: "ProxmoxMcpError" });
          expect(inspect(error)).not.toContain(text);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the key id", () => {
  it("is the first 8 hex digits of a hash of a label and the key", () => {
    const hash = createHash("sha256").update("proxmox-mcp key id").update(Buffer.of(0));
    expect(KEY.id).toBe(hash.update(KEY.bytes).digest("hex").slice(0, 8));
    expect(new MasterKey(Buffer.alloc(32)).id).toBe("f298102a");
  });

  it("is given to keys of 32 bytes only, strong or not", () => {
    expect(WEAK_KEY.id).toMatch(/^[0-9a-f]{8}$/);
    expect(new MasterKey(KEY.bytes.subarray(1)).id).toBeUndefined();
    expect(new MasterKey(Buffer.of(...KEY.bytes, 0)).id).toBeUndefined();
  });
});

describe("a master key", () => {
  it("keeps a copy of the bytes it was made of", () => {
    const bytes = Buffer.alloc(32, 200);
    const key = new MasterKey(bytes);
    bytes.fill(0);
    expect(key.bytes).toEqual(Buffer.alloc(32, 200));
  });

  it("equals a key of the same bytes and no other", () => {
    expect(KEY.equals(exampleKey("one"))).toBe(true);
    expect(KEY.equals(exampleKey("two"))).toBe(false);
    expect(KEY.equals(new MasterKey(KEY.bytes.subarray(1)))).toBe(false);
  });

  it("shows itself in no way that an error or a log takes", () => {
    const shown = [
      String(KEY),
      `${KEY}`,
      JSON.stringify({ KEY }),
      inspect(KEY, { showHidden: true, getters: true, depth: 9 }),
      inspect({ nested: [KEY] }),
      Object.entries(KEY).join(),
    ].join("\n");
    expect(String(KEY)).toBe("[master key]");
    expect(JSON.stringify(KEY)).toBe('"[master key]"');
    expect(inspect(KEY)).toBe("[master key]");
    for (const encoding of ["hex", "base64", "base64url", "latin1"] as const) {
      expect(shown).not.toContain(KEY.bytes.toString(encoding));
    }
    expect(shown).not.toContain(inspect(KEY.bytes).slice("<Buffer ".length, 40));
  });
});

describe("making a master key", () => {
  it("takes 32 bytes from the source of randomness", () => {
    const asked: number[] = [];
    const key = generateMasterKey((size) => {
      asked.push(size);
      return KEY.bytes;
    });
    expect(asked).toEqual([MASTER_KEY_LENGTH]);
    expect(key.bytes).toEqual(KEY.bytes);
  });

  it("never makes a key that could not be used", () => {
    const draws = [WEAK_KEY.bytes, WEAK_KEY.bytes, KEY.bytes];
    expect(generateMasterKey(() => draws.shift() ?? Buffer.alloc(0)).bytes).toEqual(KEY.bytes);
    expect(draws).toEqual([]);
  });
});
