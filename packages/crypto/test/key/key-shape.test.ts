import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorJson, formatError, ProxmoxMcpError, stackOf } from "../../src/errors.ts";
import { holdsKeyShaped, isKeyShaped, redactKeys } from "../../src/key/key-shape.ts";
import { generateMasterKey } from "../../src/key/master-key.ts";
import { sealer } from "../material.ts";

const KEY = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
const BARE = KEY.slice(0, -1);
const OTHER_ALPHABET = `${BARE.slice(0, 20)}+/${BARE.slice(22)}`;
const HIDDEN = "[key-shaped text]";

describe("the shape of a master key", () => {
  it.each([KEY, BARE, OTHER_ALPHABET])("%s has it", (text) => expect(isKeyShaped(text)).toBe(true));

  it.each([
    ["a character short", BARE.slice(1)],
    ["a character long", `${KEY.slice(0, -1)}x=`],
    ["both alphabets", `${BARE.slice(0, 20)}+_${BARE.slice(22)}`],
    ["a long name", "the-encrypted-config-of-the-staging-cluster"],
    ["a long name in capitals", "THE_ENCRYPTED_CONFIG_OF_THE_STAGING_CLUSTER"],
    ["a character of neither alphabet first", `.${BARE.slice(1)}`],
    ["a character of neither alphabet last", `${BARE.slice(0, -1)}.`],
    ["64 hex digits", "0aF1".repeat(16)],
    ["a path", "/srv/Proxmox/config_of_the_staging_cluster1"],
    ["nothing", ""],
  ])("%s has not", (_, text) => expect(isKeyShaped(text)).toBe(false));

  it("is found in any word of a key text", () => {
    expect(holdsKeyShaped(`short\nnext:${KEY}\n`)).toBe(true);
    expect(holdsKeyShaped("vault read key")).toBe(false);
    expect(holdsKeyShaped(`${BARE.slice(0, 3)}next:${BARE.slice(3)}`)).toBe(false);
  });

  it("is that of every key that we make", () => {
    for (let run = 0; run < 100; run += 1) {
      const key = generateMasterKey(randomBytes).reveal();
      expect(isKeyShaped(key), key).toBe(true);
    }
  });
});

describe("redactKeys", () => {
  it.each([
    [`not found: ${KEY}`, `not found: ${HIDDEN}`],
    [`'${BARE}'`, `'${HIDDEN}'`],
    [`${KEY}${KEY}`, `${HIDDEN}${HIDDEN}`],
    [`--password=${KEY}`, `--password=${HIDDEN}`],
    [`unknown option --${KEY}`, `unknown option --${HIDDEN}`],
    [`/run/keys/${KEY}.new`, `/run/keys/${HIDDEN}.new`],
    [`next:${OTHER_ALPHABET}`, `next:${HIDDEN}`],
  ])("%s", (text, shown) => expect(redactKeys(text)).toBe(shown));

  it("leaves hashes, ids, pointers and ordinary paths alone", () => {
    const text = `key 0a1b2c3d ${"0aF1".repeat(16)} /servers/Production/token_secret ./a/B.json`;
    expect(redactKeys(text)).toBe(text);
  });

  it("leaves tokens alone", async () => {
    const token = await sealer.seal("example", "/auth/token_value");
    expect(redactKeys(`"${token}"`)).toBe(`"${token}"`);
  });

  it("hides every key between other words", () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, fc.constantFrom("base64", "base64url"), (key, alphabet) => {
        const text = Buffer.from(key).toString(alphabet);
        fc.pre(/[a-z]/.test(text) && /[A-Z]/.test(text));
        expect(redactKeys(`no file ${text}: missing`)).toBe("no file [key-shaped text]: missing");
      }),
    );
  });
});

it("no line, JSON or stack of an error shows a key that was taken for a name", () => {
  const error = new ProxmoxMcpError("FILE_NOT_FOUND", `no file ${KEY}`, {
    where: { file: KEY, location: `env:${BARE}`, line: 2 },
    hint: `make ${KEY}`,
    cause: new Error(`ENOENT '${KEY}'`),
  });
  expect(formatError(error)).not.toContain(BARE.slice(0, 8));
  expect(stackOf(error)).not.toContain(BARE.slice(0, 8));
  expect(errorJson(error)).toEqual({
    code: "FILE_NOT_FOUND",
    message: `no file ${HIDDEN}`,
    file: HIDDEN,
    location: `env:${HIDDEN}`,
    line: 2,
    hint: `make ${HIDDEN}`,
  });
});
