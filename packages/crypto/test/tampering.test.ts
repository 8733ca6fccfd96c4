import { beforeAll, describe, expect, it } from "vitest";
import { decodeBase64Url, encodeBase64Url } from "../src/encoding.ts";
import type { ErrorCode } from "../src/errors.ts";
import { ProxmoxMcpError } from "../src/errors.ts";
import { printFernet, sealFernet } from "../src/fernet.ts";
import { stateOf } from "../src/token.ts";
import { deriver, KEY, opener, sealer, sealerOf } from "./material.ts";

const HERE = "/auth/token_value";
const B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Of every legacy token, which says nothing of it. */
const LEGACY_SALT = Buffer.from("proxmox_mcp_salt");

let bound: string;
let unbound: string;
let legacy: string;

beforeAll(async () => {
  bound = await sealer.seal("an example secret", HERE);
  unbound = await sealerOf(KEY, { bound: false }).seal("an example secret", HERE);
  legacy = await sealedAsLegacy("an example secret");
});

// We open them, and never write one.
async function sealedAsLegacy(plaintext: string): Promise<string> {
  const input = { plaintext: Buffer.from(plaintext), timestamp: 1n, iv: Buffer.alloc(16, 7) };
  const token = sealFernet(input, await deriver.derive(KEY, LEGACY_SALT));
  return join(undefined, printFernet(token));
}

/** The salt, where a token has one, and the text of the Fernet token. */
function partsOf(token: string): [salt: Buffer | undefined, fernet: string] {
  const [inner = "", salt] = token.split(":").slice(1).reverse();
  return [salt === undefined ? salt : bytesOf(salt), bytesOf(inner).toString("latin1")];
}

function saltedPartsOf(token: string): [salt: Buffer, fernet: string] {
  const [salt, fernet] = partsOf(token);
  if (salt === undefined) throw new Error("a legacy token has no salt");
  return [salt, fernet];
}

function bytesOf(text: string): Buffer {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined) throw new Error(`not canonical: ${text}`);
  return bytes;
}

function join(salt: Uint8Array | undefined, fernet: string): string {
  const inner = encodeBase64Url(Buffer.from(fernet, "latin1"));
  return salt === undefined ? `enc:${inner}` : `enc:${encodeBase64Url(salt)}:${inner}`;
}

function* bitFlips(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    yield flipped;
  }
}

/** How each of these texts is refused. Fails where one opens. */
async function refusals(texts: Iterable<string>): Promise<ReadonlyMap<ErrorCode, number>> {
  const counts = new Map<ErrorCode, number>();
  await Promise.all(
    [...texts].map(async (text) => {
      const error = await opener.open(text, HERE).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!(error instanceof ProxmoxMcpError)) throw new Error(`opened: ${text}`);
      counts.set(error.code, (counts.get(error.code) ?? 0) + 1);
    }),
  );
  return counts;
}

describe.each([
  ["bound", () => bound],
  ["unbound", () => unbound],
  ["legacy", () => legacy],
] as const)("a flipped bit in a token that is %s", (form, token) => {
  it("is all that is wrong: the token itself opens", async () => {
    await expect(opener.open(token(), HERE)).resolves.toMatchObject({
      form,
      plaintext: "an example secret",
    });
  });

  it("of the Fernet token, decoded twice, is refused", async () => {
    const [salt, fernet] = partsOf(token());
    const bytes = bytesOf(fernet);
    const texts = [...bitFlips(bytes)].map((flipped) => join(salt, encodeBase64Url(flipped)));
    expect(texts.map(stateOf)).not.toContain("plain");
    // The first byte is Fernet's version.
    expect(await refusals(texts)).toEqual(
      new Map([
        ["TOKEN_MALFORMED", 8],
        ["NO_KEY_OPENS", 8 * (bytes.length - 1)],
      ]),
    );
  });

  it("of the Fernet token's text, decoded once, is refused", async () => {
    const [salt, fernet] = partsOf(token());
    const text = Buffer.from(fernet, "latin1");
    const texts = [...bitFlips(text)].map((flipped) => join(salt, flipped.toString("latin1")));
    expect(texts.map(stateOf)).not.toContain("plain");
    const counts = await refusals(texts);
    expect([...counts.keys()].sort()).toEqual(["NO_KEY_OPENS", "TOKEN_MALFORMED"]);
  });
});

describe("a flipped bit in a salt", () => {
  it("is refused, and in the version byte it is a version that we do not know", async () => {
    const [salt, fernet] = saltedPartsOf(bound);
    expect(salt).toHaveLength(17);
    const texts = [...bitFlips(salt)].map((flipped) => join(flipped, fernet));
    expect(texts.map(stateOf)).not.toContain("plain");
    expect(await refusals(texts)).toEqual(
      new Map([
        ["TOKEN_NEWER", 8],
        ["NO_KEY_OPENS", 128],
      ]),
    );
  });

  it("is refused in an unbound token", async () => {
    const [salt, fernet] = saltedPartsOf(unbound);
    expect(salt).toHaveLength(16);
    const texts = [...bitFlips(salt)].map((flipped) => join(flipped, fernet));
    expect(texts.map(stateOf)).not.toContain("plain");
    expect(await refusals(texts)).toEqual(new Map([["NO_KEY_OPENS", 128]]));
  });
});

describe("a replaced character of the spelling", () => {
  it("is refused after the prefix, and never taken for plain text", async () => {
    const saltEnd = bound.indexOf(":", 4);
    const texts: string[] = [];
    for (let at = 4; at < bound.length; at += 1) {
      // Every other salt costs a derivation, and the flips above have been through them.
      const others = at < saltEnd ? " :=+/é" : `${B64} :=+/é\n`;
      for (const other of others) {
        if (bound[at] !== other) texts.push(bound.slice(0, at) + other + bound.slice(at + 1));
      }
    }
    expect(texts.length).toBeGreaterThan(10_000);
    expect(texts.map(stateOf)).not.toContain("plain");
    const counts = await refusals(texts);
    expect([...counts.keys()].sort()).toEqual(["NO_KEY_OPENS", "TOKEN_MALFORMED"]);
  });

  it("is refused in the prefix, too; without its prefix a token is text like any other", async () => {
    const texts: string[] = [];
    for (let at = 0; at < 4; at += 1) {
      for (const other of `${B64} :=ENC`) {
        if (bound[at] !== other) texts.push(bound.slice(0, at) + other + bound.slice(at + 1));
      }
    }
    expect((await refusals(texts)).get("TOKEN_MALFORMED")).toBe(texts.length);
    const states = texts.map((text) => [text.slice(0, 4).toLowerCase() === "enc:", stateOf(text)]);
    for (const [isPrefix, state] of states) expect(state).toBe(isPrefix ? "malformed" : "plain");
  });

  it("is refused as well where it is taken away or doubled", async () => {
    const texts: string[] = [];
    for (let at = 4; at < bound.length; at += 1) {
      const without = bound.slice(0, at) + bound.slice(at + 1);
      const doubled = bound.slice(0, at) + bound.slice(at - 1);
      texts.push(without, doubled);
    }
    for (const text of texts) expect(["malformed", "newer"]).toContain(stateOf(text));
    const counts = await refusals(texts);
    expect(counts.get("TOKEN_MALFORMED")).toBe(texts.length);
  });
});

describe("a token whose binding is taken away", () => {
  it("does not open without its version byte", async () => {
    const [salt, fernet] = saltedPartsOf(bound);
    const texts = [join(salt.subarray(0, 16), fernet)];
    expect(texts.map(stateOf)).toEqual(["unbound"]);
    expect(await refusals(texts)).toEqual(new Map([["NO_KEY_OPENS", 1]]));
  });

  it("does not open without its salt", async () => {
    const [, fernet] = partsOf(bound);
    const texts = [join(undefined, fernet)];
    expect(texts.map(stateOf)).toEqual(["legacy"]);
    expect(await refusals(texts)).toEqual(new Map([["NO_KEY_OPENS", 1]]));
  });

  it("does not come out of an unbound one that is given a version byte", async () => {
    const [salt, fernet] = saltedPartsOf(unbound);
    expect(await refusals([join(Buffer.of(...salt, 1), fernet)])).toEqual(
      new Map([["NO_KEY_OPENS", 1]]),
    );
  });

  it("opens at no other field, though it is whole", async () => {
    await expect(opener.open(bound, "/auth/password")).rejects.toMatchObject({
      code: "TOKEN_MISPLACED",
    });
  });
});
