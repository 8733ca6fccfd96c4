import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../src/errors.ts";
import { parseMasterKey } from "../src/key/master-key.ts";
import { createOpener, createSealer } from "../src/secret.ts";
import { parseToken, stateOf } from "../src/token.ts";
import { deriver, keysOf } from "./material.ts";
import { refusal } from "./refusal.ts";
import { bound, python } from "./vectors.ts";

const CODES: Readonly<Record<(typeof bound.bad)[number]["expect"], ErrorCode>> = {
  malformed: "TOKEN_MALFORMED",
  newer: "TOKEN_NEWER",
  "no-key": "NO_KEY_OPENS",
  opaque: "TOKEN_OPAQUE",
  misplaced: "TOKEN_MISPLACED",
};

function openerWith(masterKey: string) {
  return createOpener({ keys: keysOf(parseMasterKey(masterKey)), deriver });
}

describe("bound tokens of another implementation", () => {
  it.each(bound.good)("are made byte for byte: $location", async (vector) => {
    const draws = [vector.salt.slice(0, 32), vector.nonce];
    const sealer = createSealer({
      key: parseMasterKey(vector.master_key),
      random: () => Buffer.from(draws.shift() ?? "", "hex"),
      now: () => new Date(vector.timestamp * 1000),
      deriver,
    });
    expect(await sealer.seal(vector.plaintext, vector.location)).toBe(vector.token);
  });

  it.each(bound.good)("open where they belong: $location", async (vector) => {
    const key = parseMasterKey(vector.master_key);
    const opened = await openerWith(vector.master_key).open(vector.token, vector.location);
    expect(opened).toEqual({
      plaintext: vector.plaintext,
      form: "bound",
      keyId: key.id,
      sealedAt: new Date(vector.timestamp * 1000),
    });
  });

  it.each(bound.good)("have the parts that the vector names: $location", (vector) => {
    const token = parseToken(vector.token);
    expect(token.salt.toString("hex")).toBe(vector.salt);
    expect(token.fernet.iv.toString("hex")).toBe(vector.iv);
    expect(token.fernet.timestamp).toBe(BigInt(vector.timestamp));
  });

  it.each(bound.readable)("stand beside $state ones, which open anywhere", async (vector) => {
    expect(stateOf(vector.token)).toBe(vector.state);
    const opened = await openerWith(vector.master_key).open(vector.token, "/anywhere");
    expect(opened.plaintext).toBe(vector.plaintext);
    expect(opened.form).toBe(vector.state);
  });

  it.each(bound.bad)("are refused as $expect: $why", async (vector) => {
    const error = await refusal(CODES[vector.expect], () =>
      openerWith(vector.master_key).open(vector.token, vector.location),
    );
    expect(error.where).toEqual({ location: vector.location });
    expect(stateOf(vector.token)).not.toBe("plain");
  });

  it("are refused in each of the five ways", () => {
    expect(new Set(bound.bad.map((vector) => vector.expect))).toEqual(new Set(Object.keys(CODES)));
  });
});

describe("tokens of the Python tool", () => {
  it.each(python)("open: $format, $name", async (vector) => {
    const key = parseMasterKey(vector.master_key);
    const opened = await openerWith(vector.master_key).open(vector.token, "/auth/token_value");
    expect(opened.plaintext).toBe(vector.plaintext);
    expect(opened.form).toBe(vector.format === "old" ? "legacy" : "unbound");
    expect(opened.keyId).toBe(key.id);
  });

  it("include some that a key of another length sealed", () => {
    const lengths = python.map(({ master_key }) => parseMasterKey(master_key).bytes.length);
    expect(lengths.some((length) => length !== 32)).toBe(true);
  });
});
