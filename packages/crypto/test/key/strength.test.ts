/**
 * Which master keys may seal. No key is made while this file loads: a fault in judging keys fails a
 * test here.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Where } from "../../src/errors.ts";
import { MasterKey, requireStrong } from "../../src/key/master-key.ts";
import type { KeySource } from "../../src/key/source.ts";
import { refusal } from "../refusal.ts";

const RANDOM = createHash("sha256").update("example key one").digest();
const PASSPHRASE = Buffer.from("an example passphrase, 32 chars.");

describe("the strength of a master key", () => {
  it.each([
    ["random bytes", RANDOM, undefined],
    [
      "31 printable bytes and one beyond",
      Buffer.from(`${"a".repeat(31)}\x7f`, "latin1"),
      undefined,
    ],
    [
      "31 printable bytes and one before",
      Buffer.from(`${"a".repeat(31)}\x1f`, "latin1"),
      undefined,
    ],
    ["a control character first", Buffer.from(`\n${"a".repeat(31)}`, "latin1"), undefined],
    ["31 printable bytes and a line feed", Buffer.from(`${"a".repeat(31)}\n`, "latin1"), undefined],
    [
      "31 printable bytes and a letter outside ASCII",
      Buffer.from(`${"a".repeat(31)}\xe9`, "latin1"),
      undefined,
    ],
    [
      "the first and last printable characters",
      Buffer.from(` ~${"a".repeat(30)}`),
      /is printable text, so a passphrase/,
    ],
    ["a passphrase", PASSPHRASE, /is printable text, so a passphrase/],
    ["nothing", Buffer.alloc(0), /is 0 bytes long instead of 32/],
    ["31 bytes", RANDOM.subarray(1), /is 31 bytes long instead of 32/],
    ["33 bytes", Buffer.of(...RANDOM, 1), /is 33 bytes long instead of 32/],
  ])("of %s", async (_, bytes, weakness) => {
    const key = new MasterKey(bytes);
    if (weakness === undefined) {
      expect(key.weakness).toBeUndefined();
      expect(() => requireStrong(key)).not.toThrow();
    } else {
      expect(key.weakness).toMatch(weakness);
      const error = await refusal("KEY_INVALID", () => requireStrong(key));
      expect(error.message).toBe(
        `the active master key ${key.weakness}; nothing is sealed with it`,
      );
      expect(error.where).toEqual({});
      expect(error.hint).toMatch(
        /whole key back.*rotate-key FILE`, with .*generate-key -o NEW_KEY_FILE`/,
      );
    }
  });

  it.each<[string, KeySource, string, Where]>([
    [
      "a variable",
      { kind: "variable", name: "TEAM_KEY", text: "", from: "TEAM_KEY" },
      "TEAM_KEY",
      {},
    ],
    [
      "a file",
      { kind: "file", path: "a/key", from: "--key-file a/key" },
      "--key-file a/key",
      { file: "a/key" },
    ],
  ])("names %s that holds a weak one", async (_, source, named, where) => {
    const weak = new MasterKey(PASSPHRASE);
    const error = await refusal("KEY_INVALID", () => requireStrong(weak, source));
    expect(error.message).toMatch(new RegExp(`^the active master key in ${named} is printable`));
    expect(error.where).toEqual(where);
    expect(() => requireStrong(new MasterKey(RANDOM), source)).not.toThrow();
  });
});
