import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Document } from "../src/document/document.ts";
import type { ErrorCode } from "../src/errors.ts";
import type { Plan } from "../src/finish-plan.ts";
import { findField } from "../src/named-field.ts";
import { type EncryptionOptions, planDecryption, planEncryption, planSet } from "../src/plan.ts";
import { createOpener } from "../src/secret.ts";
import { stateOf } from "../src/token.ts";
import { json, open, RULES, stringsOf } from "./documents.ts";
import { deriver, KEY, keysOf, OTHER_KEY, opener, sealer, sealerOf } from "./material.ts";
import { refusal } from "./refusal.ts";

const HERE = "/auth/token_value";
const UUID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

function encrypt(document: Document, options: Partial<EncryptionOptions> = {}): Promise<Plan> {
  return planEncryption(document, { rules: RULES, sealer, opener, ...options });
}

function set(
  document: Document,
  location: string,
  plaintext: string,
  options: Partial<EncryptionOptions> = {},
): Promise<Plan> {
  return planSet(document, location, plaintext, { rules: RULES, sealer, opener, ...options });
}

function decrypt(document: Document, force?: boolean): Promise<Plan> {
  return planDecryption(document, {
    rules: RULES,
    opener,
    ...(force === undefined ? {} : { force }),
  });
}

const locations = (fields: Plan["changed"]) => fields.map(({ location }) => location);

describe("planning to encrypt", () => {
  it("seals the plain secrets and leaves every other byte", async () => {
    const text = '\uFEFF{ "host":\t"h",\r\n"auth" :{"token_value":  "one","user":"u"} , "n":1.50}';
    const document = await open(text, "json");
    const plan = await encrypt(document);
    expect(locations(plan.changed)).toEqual([HERE]);
    expect(plan.changed[0]).toMatchObject({ state: "plain" });
    expect(plan.kept).toEqual([]);
    const [before = "", after = ""] = text.split('"one"');
    expect(plan.text.startsWith(before)).toBe(true);
    expect(plan.text.endsWith(after)).toBe(true);
    const token = (await stringsOf(plan.text))[HERE] ?? "";
    expect((await opener.open(token, HERE)).plaintext).toBe("one");
    await plan.verify(plan.text);
  });

  it("seals each value for its own place, in every format", async () => {
    const yaml = await open(
      "# mine\nauth:\n  token_value: 'one'  # note\n  password: two\n",
      "yaml",
    );
    const plan = await encrypt(yaml);
    expect(locations(plan.changed)).toEqual([HERE, "/auth/password"]);
    const values = await stringsOf(plan.text, "yaml");
    expect((await opener.open(values[HERE] ?? "", HERE)).plaintext).toBe("one");
    await plan.verify(plan.text);

    const env = await open("# mine\nPVE_A_TOKEN=one # note\nexport API_KEY='two'\nX=y", "dotenv");
    const second = await encrypt(env);
    expect(locations(second.changed)).toEqual(["env:PVE_A_TOKEN", "env:API_KEY"]);
    await second.verify(second.text);
  });

  it("keeps tokens and placeholders, and says so", async () => {
    const token = await sealer.seal("one", HERE);
    const document = await json({
      auth: { token_value: token, password: "${PASSWORD}" },
      servers: { a: { token_secret: "${A:-literal}" } },
    });
    const plan = await encrypt(document);
    expect(plan.text).toBe(document.text);
    expect(plan.changed).toEqual([]);
    expect(plan.kept.map(({ state }) => state)).toEqual(["bound", "placeholder", "plain-default"]);
    await plan.verify(plan.text);
  });

  it("seals placeholders as they are when forced", async () => {
    const document = await json({ auth: { token_value: "a${b" } });
    const plan = await encrypt(document, { force: true });
    expect(plan.changed).toMatchObject([{ state: "placeholder" }]);
    const token = (await stringsOf(plan.text))[HERE] ?? "";
    expect((await opener.open(token, HERE)).plaintext).toBe("a${b");
  });

  it("does not seal a token again when forced", async () => {
    const document = await json({ auth: { token_value: await sealer.seal("one", HERE) } });
    expect((await encrypt(document, { force: true })).changed).toEqual([]);
  });

  it("seals further fields that are named, also by pattern", async () => {
    const document = await json({ own: { a: "one", b: "two" }, other: "x" });
    const plan = await encrypt(document, { fields: ["/own/*"] });
    expect(locations(plan.changed)).toEqual(["/own/a", "/own/b"]);
    const env = await open("OWN_A=one\nOTHER=x\n", "dotenv");
    expect(locations((await encrypt(env, { fields: ["env:OWN_*"] })).changed)).toEqual([
      "env:OWN_A",
    ]);
  });

  it("reports what looks like a secret and stays plain", async () => {
    const document = await json({ auth: { password: "x" }, own_token: UUID });
    const plan = await encrypt(document);
    expect(plan.lookalikes).toMatchObject([{ location: "/own_token", state: "plain" }]);
    expect((await stringsOf(plan.text))["/own_token"]).toBe(UUID);
    const named = await encrypt(document, { fields: ["/own_token"] });
    expect(named.lookalikes).toEqual([]);
  });

  it("makes unbound tokens with a sealer that does", async () => {
    const document = await json({ auth: { password: "x" } });
    const plan = await encrypt(document, { sealer: sealerOf(KEY, { bound: false }) });
    expect(stateOf((await stringsOf(plan.text))["/auth/password"] ?? "")).toBe("unbound");
    await plan.verify(plan.text);
  });

  it.each<[string, unknown, Partial<EncryptionOptions>, ErrorCode, RegExp, object]>([
    ["no secret field", { host: "h" }, {}, "NO_SECRETS", /no secret field was found/, {}],
    [
      "empty secrets only",
      { auth: { token_value: "", password: "" } },
      {},
      "NO_SECRETS",
      /no secret/,
      {},
    ],
    [
      "a field that is not there",
      { auth: { password: "x" } },
      { fields: ["/auth/pasword"] },
      "FIELD_NOT_FOUND",
      /no field \/auth\/pasword \(did you mean \/auth\/password\?\)/,
      { location: "/auth/pasword" },
    ],
    [
      "a pattern that matches nothing",
      { auth: { password: "x" } },
      { fields: ["/nothing/*/here"] },
      "FIELD_NOT_FOUND",
      /no field \/nothing\/\*\/here$/,
      { location: "/nothing/*/here" },
    ],
    [
      "a master key",
      { auth: { master_key: "x" } },
      { fields: ["/auth/*"] },
      "USAGE",
      /master key.*never encrypted with itself/,
      { location: "/auth/master_key", line: 3, column: 19 },
    ],
    [
      "a secret that is a number",
      { auth: { token_value: 5 } },
      {},
      "SECRET_NOT_STRING",
      /must be a string, this is a number/,
      { location: HERE, line: 3, column: 20 },
    ],
    [
      "a secret that is a list",
      { auth: { token_value: ["x"] } },
      {},
      "SECRET_NOT_STRING",
      /must be a string, this is a list/,
      { location: HERE, line: 3, column: 20 },
    ],
    [
      "a named field that is a map",
      { auth: { token_value: "x" } },
      { fields: ["/auth"] },
      "SECRET_NOT_STRING",
      /must be a string, this is a map/,
      { location: "/auth", line: 2, column: 11 },
    ],
    [
      "a token that is malformed",
      { auth: { token_value: "x", note: "enc:what" } },
      {},
      "TOKEN_MALFORMED",
      /^Invalid encrypted token format/,
      { location: "/auth/note", line: 4, column: 13 },
    ],
  ])("refuses %s", async (_, value, options, code, message, where) => {
    const document = await json(value);
    const error = await refusal(code, () => encrypt(document, options));
    expect(error.message).toMatch(message);
    expect(error.where).toEqual(where);
    expect(error.hint).toBeDefined();
  });

  it("refuses a secret that two readers could understand differently", async () => {
    const text = "auth: &a\n  token_value: one\nother: *a\n";
    const document = await open(text, "yaml");
    const error = await refusal("AMBIGUOUS", () => encrypt(document));
    expect(error.message).toMatch(/^the secret cannot be changed safely: /);
    expect(error.where).toMatchObject({ location: HERE, line: 2, column: 16 });
  });

  it("stops where a token that is there does not open, and counts the others", async () => {
    const foreign = async (at: string) => sealerOf(OTHER_KEY).seal("x", at);
    const two = await json({
      auth: { token_value: "one", password: await foreign("/auth/password") },
      servers: { a: { token_secret: await foreign("/servers/a/token_secret") } },
    });
    const error = await refusal("NO_KEY_OPENS", () => encrypt(two));
    expect(error.message).toMatch(/^Token decryption failed.* \(one more field fails as well\)$/);
    expect(error.where).toMatchObject({ location: "/auth/password", line: 4 });
    expect(error.hint).toMatch(/--key-file or --key-env/);
    expect(error.cause).toMatchObject({ code: "NO_KEY_OPENS" });

    const one = await json({
      auth: { token_value: "one", password: await foreign("/auth/password") },
    });
    expect((await refusal("NO_KEY_OPENS", () => encrypt(one))).message).not.toMatch(/as well/);

    const three = await json({ a: "enc:1", b: "enc:2", c: "enc:3" });
    expect((await refusal("TOKEN_MALFORMED", () => encrypt(three))).message).toMatch(
      /\(2 more fields fail as well\)$/,
    );
  });

  it("passes on a failure that is no token's", async () => {
    const broken = {
      derive: () => Promise.reject(new RangeError("no memory")),
      prepare: () => undefined,
    };
    const document = await json({ auth: { token_value: await sealer.seal("one", HERE) } });
    const reader = createOpener({ keys: keysOf(KEY), deriver: broken });
    await expect(encrypt(document, { opener: reader })).rejects.toThrow(RangeError);
  });

  it("stops at a misplaced token, and says where it belongs", async () => {
    const document = await json({
      auth: { token_value: "one", password: await sealer.seal("x", HERE) },
    });
    const error = await refusal("TOKEN_MISPLACED", () => encrypt(document));
    expect(error.message).toMatch(/sealed for \/auth\/token_value, found at \/auth\/password/);
  });
});

describe("rebinding", () => {
  const from = "/servers/old/token_secret";
  const to = "/servers/new/token_secret";

  it("seals the token of a renamed field for its new place", async () => {
    const document = await json({
      servers: { new: { token_secret: await sealer.seal("x", from) } },
    });
    const plan = await encrypt(document, { rebind: [{ from, to }] });
    expect(plan.changed).toMatchObject([{ location: to, state: "bound" }]);
    const token = (await stringsOf(plan.text))[to] ?? "";
    expect((await opener.open(token, to)).plaintext).toBe("x");
    await plan.verify(plan.text);
  });

  it("binds a token that was unbound, too", async () => {
    const token = await sealerOf(KEY, { bound: false }).seal("x", from);
    const plan = await encrypt(await json({ servers: { new: { token_secret: token } } }), {
      rebind: [{ from, to }],
    });
    expect(stateOf((await stringsOf(plan.text))[to] ?? "")).toBe("bound");
  });

  it("refuses a token that was sealed for a third place", async () => {
    const token = await sealer.seal("x", "/third");
    const document = await json({ servers: { new: { token_secret: token } } });
    const error = await refusal("TOKEN_MISPLACED", () =>
      encrypt(document, { rebind: [{ from, to }] }),
    );
    expect(error.where).toMatchObject({ line: 4, column: 23 });
  });

  it.each<[string, unknown, string, ErrorCode, RegExp]>([
    ["a field that is not there", { auth: { password: "x" } }, to, "FIELD_NOT_FOUND", /no field/],
    ["a plain value", { auth: { password: "x" } }, "/auth/password", "USAGE", /holds no token/],
    [
      "a malformed token",
      { auth: { password: "enc:" } },
      "/auth/password",
      "USAGE",
      /holds no token/,
    ],
    ["a number", { auth: { token_value: 5 } }, HERE, "SECRET_NOT_STRING", /this is a number/],
  ])("refuses %s", async (_, value, target, code, message) => {
    const document = await json({ password: "p", ...(value as object) });
    const error = await refusal(code, () =>
      encrypt(document, { rebind: [{ from, to: target }], fields: [] }),
    );
    expect(error.message).toMatch(message);
  });

  it("refuses a field that is never encrypted", async () => {
    const token = await sealer.seal("x", "/old_master_key");
    const document = await json({ password: "p", master_key: token });
    const rebind = [{ from: "/old_master_key", to: "/master_key" }];
    const error = await refusal("USAGE", () => encrypt(document, { rebind }));
    expect(error.where).toMatchObject({ location: "/master_key" });
  });
});

describe("planning to decrypt", () => {
  it("opens every token, whatever its field, and undoes an encryption", async () => {
    const original = await json({
      auth: { token_value: 'q"uote\\', password: "pässwörd-🔐" },
      servers: { a: { token_secret: "${A}" } },
      own: "x",
    });
    const encrypted = await encrypt(original, { fields: ["/own"] });
    const plan = await decrypt(await open(encrypted.text, "json"));
    expect(plan.text).toBe(original.text);
    expect(locations(plan.changed)).toEqual([HERE, "/auth/password", "/own"]);
    expect(plan.changed.map(({ state }) => state)).toEqual(["bound", "bound", "bound"]);
    expect(locations(plan.kept)).toEqual(["/servers/a/token_secret"]);
    await plan.verify(plan.text);
  });

  it("opens a token of the empty text", async () => {
    const token = await sealer.seal("", HERE);
    const plan = await decrypt(await json({ auth: { token_value: token } }));
    expect((await stringsOf(plan.text))[HERE]).toBe("");
    await plan.verify(plan.text);
  });

  it("keeps plain secrets and reports lookalikes", async () => {
    const document = await json({ auth: { password: "x" }, own_token: UUID });
    const plan = await decrypt(document);
    expect(plan.text).toBe(document.text);
    expect(plan.kept).toMatchObject([{ location: "/auth/password", state: "plain" }]);
    expect(plan.lookalikes).toMatchObject([{ location: "/own_token" }]);
  });

  it("gives out a value with ${ only by force, because loaders would expand it", async () => {
    const document = await json({ auth: { token_value: await sealer.seal("a${b}", HERE) } });
    for (const force of [undefined, false]) {
      const error = await refusal("PLACEHOLDER", () => decrypt(document, force));
      expect(error.where).toEqual({ location: HERE, line: 3, column: 20 });
      expect(error.hint).toMatch(/--field.*--force/);
      expect(error.message).not.toContain("a${b}");
    }
    const plan = await decrypt(document, true);
    expect((await stringsOf(plan.text))[HERE]).toBe("a${b}");
  });

  it("opens all or none", async () => {
    const document = await json({
      auth: { token_value: await sealer.seal("one", HERE), password: "enc:what" },
    });
    const error = await refusal("TOKEN_MALFORMED", () => decrypt(document));
    expect(error.where).toMatchObject({ location: "/auth/password", line: 4 });
  });

  it("refuses to write where two readers would differ", async () => {
    const token = await sealer.seal("one", HERE);
    const text = `auth: &a\n  token_value: ${token}\nother: *a\n`;
    const document = await open(text, "yaml");
    await refusal("AMBIGUOUS", () => decrypt(document));
  });
});

describe("planning to set a value", () => {
  it("seals the new value and nothing else", async () => {
    const document = await json({ auth: { token_value: "old", password: "stays" } });
    const plan = await set(document, HERE, "new");
    expect(locations(plan.changed)).toEqual([HERE]);
    const values = await stringsOf(plan.text);
    expect(values["/auth/password"]).toBe("stays");
    expect((await opener.open(values[HERE] ?? "", HERE)).plaintext).toBe("new");
    expect(locations(plan.kept)).toEqual(["/auth/password"]);
    await plan.verify(plan.text);
  });

  it.each([
    ["a token", () => sealer.seal("old", HERE)],
    ["a token of a lost key", () => sealerOf(OTHER_KEY).seal("old", HERE)],
    ["a malformed token", () => Promise.resolve("enc:what")],
    ["a placeholder", () => Promise.resolve("${TOKEN}")],
    ["the empty text", () => Promise.resolve("")],
  ])("replaces %s", async (_, old) => {
    const plan = await set(await json({ auth: { token_value: await old() } }), HERE, "new");
    const token = (await stringsOf(plan.text))[HERE] ?? "";
    expect((await opener.open(token, HERE)).plaintext).toBe("new");
  });

  it("takes the bare name of a variable in a .env file, and there alone", async () => {
    const env = await open("API_KEY=old\n", "dotenv");
    for (const name of ["API_KEY", "env:API_KEY"]) {
      expect(locations((await set(env, name, "new")).changed)).toEqual(["env:API_KEY"]);
    }
    expect(findField(env, "API_KEY").name).toBe("API_KEY");
    const document = await json({ API_KEY: "x" });
    const error = await refusal("FIELD_NOT_FOUND", () => findField(document, "API_KEY"));
    expect(error.message).toMatch(/did you mean \/API_KEY\?/);
  });

  it("takes a field that no rule names when forced, or when it holds a token", async () => {
    const plain = await json({ own: "old" });
    const error = await refusal("USAGE", () => set(plain, "/own", "new"));
    expect(error.message).toBe("/own is no secret field");
    expect(error.hint).toMatch(/--force/);
    expect(locations((await set(plain, "/own", "new", { force: true })).changed)).toEqual(["/own"]);
    const sealed = await json({ own: await sealer.seal("old", "/own") });
    expect(locations((await set(sealed, "/own", "new")).changed)).toEqual(["/own"]);
  });

  it("never seals a master key, not even by force", async () => {
    const document = await json({ master_key: "x" });
    const error = await refusal("USAGE", () => set(document, "/master_key", "n", { force: true }));
    expect(error.hint).toMatch(/never encrypted with itself/);
    expect(error.where).toEqual({ location: "/master_key", line: 2, column: 17 });
  });

  it("seals a value with ${ only by force", async () => {
    const document = await json({ auth: { password: "x" } });
    const error = await refusal("PLACEHOLDER", () => set(document, "/auth/password", "a${b"));
    expect(error.hint).toMatch(/--force/);
    const plan = await set(document, "/auth/password", "a${b", { force: true });
    expect(plan.changed).toHaveLength(1);
  });

  it.each<[string, string, string, ErrorCode, RegExp]>([
    [
      "a field that is not there",
      "/auth/tokenvalue",
      "n",
      "FIELD_NOT_FOUND",
      /did you mean \/auth\/token_value\?/,
    ],
    ["a number", "/auth/port", "n", "SECRET_NOT_STRING", /this is a number/],
    ["a map", "/auth", "n", "SECRET_NOT_STRING", /this is a map/],
    ["an empty value", HERE, "", "USAGE", /new value is empty/],
    ["a token", HERE, " ENC:x", "USAGE", /a token already/],
  ])("refuses %s", async (_, location, plaintext, code, message) => {
    const document = await json({ auth: { token_value: "x", port: 5 } });
    const error = await refusal(code, () => set(document, location, plaintext));
    expect(error.message).toMatch(message);
    expect(error.where.location).toBe(location);
    expect(error.hint).toBeDefined();
  });

  it("refuses a field under an anchor", async () => {
    const document = await open("auth: &a\n  token_value: one\nother: *a\n", "yaml");
    await refusal("AMBIGUOUS", () => set(document, HERE, "new"));
  });

  it("stops where another token does not open, so that no file needs two keys", async () => {
    const document = await json({
      auth: { token_value: "x", password: await sealerOf(OTHER_KEY).seal("y", "/auth/password") },
    });
    const error = await refusal("NO_KEY_OPENS", () => set(document, HERE, "new"));
    expect(error.where).toMatchObject({ location: "/auth/password", line: 4 });
    const both = createOpener({ keys: keysOf(KEY, OTHER_KEY), deriver });
    expect((await set(document, HERE, "new", { opener: both })).changed).toHaveLength(1);
  });
});

describe("encryption and decryption together", () => {
  const secret = fc
    .string({ unit: "binary", minLength: 1, maxLength: 30 })
    .filter((text) => !text.includes("${") && !/^\s*enc:/i.test(text));

  it("give back every value, and the text itself where JSON spells it in the common way", async () => {
    await fc.assert(
      fc.asyncProperty(secret, secret, fc.nat(4), async (one, two, indent) => {
        const value = { auth: { token_value: one, password: two }, host: "h", n: [1, null] };
        const text = JSON.stringify(value, null, indent);
        const encrypted = await encrypt(await open(text, "json"));
        await encrypted.verify(encrypted.text);
        expect(encrypted.text).not.toBe(text);
        const decrypted = await decrypt(await open(encrypted.text, "json"));
        await decrypted.verify(decrypted.text);
        expect(decrypted.text).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a value in the place of a field", () => {
  it("is not shown", async () => {
    const document = await open('{"auth":{"token_value":"one"}}', "json");
    const error = await refusal("FIELD_NOT_FOUND", () => findField(document, "s3cret value!"));
    expect(error.message).toBe(
      "there is no such field, and what was given for it does not look like one",
    );
    expect(error.where).toEqual({});
  });
});
