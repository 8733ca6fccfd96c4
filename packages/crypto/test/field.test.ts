import { beforeAll, describe, expect, it } from "vitest";
import { sealFernet } from "../src/fernet.ts";
import { checkSecrets, fieldOf, listSecrets, openValue, whereOf } from "../src/field.ts";
import { createOpener } from "../src/secret.ts";
import { isSealed, printToken, STATIC_SALT } from "../src/token.ts";
import { json, open, RULES, valueAt } from "./documents.ts";
import { deriver, KEY, keysOf, NOW, OTHER_KEY, opener, sealer, sealerOf } from "./material.ts";
import { refusal } from "./refusal.ts";

const HERE = "/auth/token_value";
const UUID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

let bound: string;
let unbound: string;

beforeAll(async () => {
  bound = await sealer.seal("value", HERE);
  unbound = await sealerOf(KEY, { bound: false }).seal("value", HERE);
});

describe("listing the secrets of a document", () => {
  it("says of each where it is, what state it is in and when it claims to be sealed", async () => {
    const document = await json({
      auth: { token_value: bound },
      servers: {
        a: { token_secret: "plain text" },
        b: { token_secret: "${B_SECRET}" },
        c: { token_secret: "${C_SECRET:-literal}" },
        d: { token_secret: unbound },
        e: { token_secret: "enc:what" },
        f: { token_secret: 5 },
      },
      own_token: UUID,
    });
    const { secrets, lookalikes } = listSecrets(document, RULES);
    expect(secrets).toEqual([
      { location: HERE, line: 3, column: 20, state: "bound", claimedAt: NOW },
      expect.objectContaining({ state: "plain", claimedAt: undefined, line: 7, column: 23 }),
      expect.objectContaining({ state: "placeholder", claimedAt: undefined }),
      expect.objectContaining({ state: "plain-default", claimedAt: undefined }),
      expect.objectContaining({ state: "unbound", claimedAt: NOW }),
      expect.objectContaining({ state: "malformed", claimedAt: undefined }),
      expect.objectContaining({ state: "not-a-string", claimedAt: undefined }),
    ]);
    expect(lookalikes).toEqual([
      { location: "/own_token", line: 25, column: 16, state: "plain", claimedAt: undefined },
    ]);
  });

  it("claims no time that is further away than any date", async () => {
    const fernet = sealFernet(
      { plaintext: Buffer.alloc(0), timestamp: 2n ** 63n, iv: Buffer.alloc(16) },
      Buffer.alloc(32),
    );
    const token = printToken({ form: "legacy", salt: STATIC_SALT, saltWritten: false, fernet });
    const document = await json({ auth: { token_value: token } });
    expect(fieldOf(document, valueAt(document, HERE))).toMatchObject({
      state: "legacy",
      claimedAt: undefined,
    });
  });

  it("counts what looks like a token as a secret, even as a number's neighbour", async () => {
    const document = await open("host: enc:what\nport: 8006\n", "yaml");
    expect(listSecrets(document, RULES).secrets.map(({ location }) => location)).toEqual(["/host"]);
  });
});

describe("a sealed state", () => {
  it.each([
    ["legacy", true],
    ["unbound", true],
    ["bound", true],
    ["plain", false],
    ["plain-default", false],
    ["placeholder", false],
    ["malformed", false],
    ["newer", false],
    ["not-a-string", false],
  ] as const)("%s: %s", (state, sealed) => {
    expect(isSealed(state)).toBe(sealed);
  });
});

describe("checking the secrets of a document", () => {
  it("opens every token, and keeps the problem of one that does not open", async () => {
    const document = await json({
      auth: { token_value: bound },
      servers: {
        a: { token_secret: "plain text" },
        b: { token_secret: "${B}" },
        c: { token_secret: "${C:-x}" },
        d: { token_secret: true },
        e: { token_secret: "enc:what" },
        f: { token_secret: await sealerOf(OTHER_KEY).seal("value", "/servers/f/token_secret") },
        g: { token_secret: bound },
      },
      own_token: UUID,
    });
    const { secrets, lookalikes } = await checkSecrets(document, RULES, opener);
    expect(secrets.map(({ opened, problem }) => opened?.plaintext ?? problem?.code)).toEqual([
      "value",
      undefined,
      undefined,
      undefined,
      undefined,
      "TOKEN_MALFORMED",
      "NO_KEY_OPENS",
      "TOKEN_MISPLACED",
    ]);
    expect(secrets[0]?.opened?.keyId).toBe(KEY.id);
    expect(secrets[5]?.problem?.where).toEqual({
      location: "/servers/e/token_secret",
      line: secrets[5]?.line,
      column: secrets[5]?.column,
    });
    expect(lookalikes).toHaveLength(1);
  });

  it("reports a token of a newer version as a problem, not as plain text", async () => {
    const newer = bound.replace(/^enc:[^:]*/, `enc:${Buffer.alloc(17, 2).toString("base64url")}=`);
    const document = await json({ auth: { token_value: newer } });
    const { secrets } = await checkSecrets(document, RULES, opener);
    expect(secrets).toMatchObject([{ state: "newer", problem: { code: "TOKEN_NEWER" } }]);
  });

  it("passes on a failure that is no token's", async () => {
    const broken = {
      derive: () => Promise.reject(new RangeError("no memory")),
      prepare: () => undefined,
    };
    const document = await json({ auth: { token_value: bound } });
    const reader = createOpener({ keys: keysOf(KEY), deriver: broken });
    await expect(checkSecrets(document, RULES, reader)).rejects.toThrow(RangeError);
  });
});

describe("opening a value of a document", () => {
  it("says where a moved token belongs, when that field is in the same document", async () => {
    const document = await json({ auth: { token_value: "", password: bound } });
    const error = await refusal("TOKEN_MISPLACED", () =>
      openValue(document, valueAt(document, "/auth/password"), opener),
    );
    expect(error.message).toBe(
      "Token decryption failed: sealed for /auth/token_value, found at /auth/password",
    );
    expect(error.hint).toContain("--rebind /auth/token_value=/auth/password");
    expect(error.where).toEqual({ location: "/auth/password", line: 4, column: 17 });
  });

  it("says no more than that it was moved, when that field is gone", async () => {
    const document = await json({ auth: { password: bound, token_value: { of: "a map" } } });
    const error = await refusal("TOKEN_MISPLACED", () =>
      openValue(document, valueAt(document, "/auth/password"), opener),
    );
    expect(error.message).toBe("Token decryption failed: it was sealed for another field");
    expect(error.where).toEqual({ location: "/auth/password", line: 3, column: 17 });
  });

  it("opens a renamed field by its old name", async () => {
    const document = await json({ auth: { renamed: bound } });
    const opened = await openValue(document, valueAt(document, "/auth/renamed"), opener, HERE);
    expect(opened.plaintext).toBe("value");
  });

  it("adds the place to every other refusal", async () => {
    const document = await open(`a: 1\nauth:\n  token_value: ${bound}\n`, "yaml");
    const value = valueAt(document, HERE);
    const reader = createOpener({ keys: keysOf(OTHER_KEY), deriver });
    const error = await refusal("NO_KEY_OPENS", () => openValue(document, value, reader));
    expect(error.where).toEqual({ location: HERE, line: 3, column: 16 });
    expect(whereOf(document, value)).toEqual(error.where);
  });
});
