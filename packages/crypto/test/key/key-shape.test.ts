import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ErrorCode,
  errorJson,
  formatError,
  ProxmoxMcpError,
  stackOf,
} from "../../src/errors.ts";
import { holdsKeyShaped, isKeyShaped, redactCutKeys, redactKeys } from "../../src/key/key-shape.ts";
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

describe("redactCutKeys", () => {
  const cut = BARE.slice(0, 32);

  it.each([
    [`not found: ${cut}. Way out`, `not found: ${HIDDEN}. Way out`],
    [`-o ${cut}.`, `-o ${HIDDEN}.`],
    [`/run/keys/${cut}, '${cut}'`, `/run/keys/${HIDDEN}, '${HIDDEN}'`],
    [`--key-file=${cut}`, `--key-file=${HIDDEN}`],
    [KEY.slice(4), HIDDEN],
    [KEY, HIDDEN],
    [`${cut.slice(1)}+`, HIDDEN],
    ["Proxmox_q83vASNFZ4mrze8BI0VniavN7", HIDDEN],
  ])("%s", (text, shown) => expect(redactCutKeys(text)).toBe(shown));

  it.each([
    ["a short word", BARE.slice(0, 31)],
    ["a file with an extension", `${cut}.json`],
    ["the extension of a file", `file.${cut}`],
    ["a file of ours", "config.production.encrypted.json"],
    ["a name in one case", "proxmox-mcp-master-key-2026-production"],
    ["a name in capitals", "PROXMOX_MCP_MASTER_KEY_PRODUCTION_2026"],
    ["a name without digits", "proxmoxMasterKeyOfTheProductionCluster"],
    ["a name of words", "My_Long_Configuration_File_Name_For_Host_1"],
    ["a name of words and numbers", "Proxmox-MCP-Master-Key-2026-Production"],
    ["a name of words run together", "ProxmoxMasterKeyProductionCluster12"],
    ["an MD5", "9e107d9d372bb6826bd81d3542a419d6"],
    ["a commit", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"],
    ["a SHA-256", "0a1b2c3d".repeat(8)],
    ["a UUID", "123e4567-e89b-12d3-a456-426614174000"],
    ["a UUID in capitals", "123E4567-E89B-12D3-A456-426614174000"],
    ["a backup", `config.json.backup.20260131_120000`],
  ])("leaves %s alone", (_, text) => expect(redactCutKeys(text)).toBe(text));

  it("leaves tokens alone", async () => {
    const token = await sealer.seal("example", "/auth/token_value");
    expect(redactCutKeys(`"${token}"`)).toBe(`"${token}"`);
  });

  it("hides what is left of every key", () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const length = fc.integer({ min: 32, max: 43 });
    fc.assert(
      fc.property(bytes, length, fc.boolean(), (key, kept, isEnd) => {
        const text = Buffer.from(key).toString("base64url");
        const rest = isEnd ? text.slice(-kept) : text.slice(0, kept);
        fc.pre([/[a-z]/, /[A-Z]/, /[0-9]/].every((kind) => kind.test(rest)));
        // What hardly any random key is, but some that fast-check prefers.
        fc.pre(new Set(key).size > 16);
        expect(redactCutKeys(`no file ${rest}: missing`)).toBe(`no file ${HIDDEN}: missing`);
      }),
    );
  });
});

describe("a part of a key that was taken for a name", () => {
  const cut = BARE.slice(0, 40);
  const errorOf = (code: ErrorCode) =>
    new ProxmoxMcpError(code, `no file ${cut}`, {
      where: { file: cut, location: `/${cut}` },
      hint: `make ${cut}`,
      cause: new Error(`ENOENT '${cut}'`),
      problems: [new ProxmoxMcpError("FILE_NOT_FOUND", cut)],
    });

  it.each(["FILE_NOT_FOUND", "KEY_MISSING", "KEY_UNREADABLE"] as const)(
    "is not shown by %s",
    (code) => {
      const error = errorOf(code);
      for (const text of [formatError(error), JSON.stringify(errorJson(error)), stackOf(error)]) {
        expect(text).not.toContain(cut.slice(0, 8));
      }
    },
  );

  // Who has a hundred files must learn which one it is, and which field.
  it("is shown where a file of this name was read", () => {
    const error = errorOf("SYNTAX");
    expect(formatError(error)).toContain(`no file ${cut}`);
    expect(errorJson(error)).toMatchObject({
      file: cut,
      location: `/${cut}`,
      problems: [{ message: HIDDEN }],
    });
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
