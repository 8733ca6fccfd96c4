import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Document, DocumentFormat } from "../src/document/document.ts";
import type { ErrorCode } from "../src/errors.ts";
import { createDeriver } from "../src/key/derive.ts";
import { switchedTo, withSuccessor } from "../src/key/succession.ts";
import { planRotation, surveyTokens } from "../src/rotate.ts";
import { createOpener, createSealer } from "../src/secret.ts";
import type { SecretRules } from "../src/select.ts";
import { STATIC_SALT } from "../src/token.ts";
import { RULES as COMMON_RULES, json, open, stringsOf } from "./documents.ts";
import {
  deriver,
  exampleKey,
  KEY,
  keysOf,
  NOW,
  OTHER_KEY,
  opener,
  repeatable,
  sealer,
  sealerOf,
} from "./material.ts";
import { refusal } from "./refusal.ts";

const RULES: SecretRules = { ...COMMON_RULES, never: [], masterKeys: ["*master_key*"] };
const HERE = "/auth/token_value";
const THERE = "/own/note";
const NEXT = exampleKey("next");
const keys = withSuccessor(keysOf(KEY), NEXT);
const openers = {
  old: opener,
  both: createOpener({ keys, deriver }),
  next: createOpener({ keys: keysOf(NEXT), deriver }),
};
const nextSealer = sealerOf(NEXT, { seed: "another salt" });

const unbound = await sealerOf(KEY, { bound: false }).seal("two", "");
const staticSealer = createSealer({
  key: KEY,
  random: (size) => STATIC_SALT.subarray(0, size),
  now: () => NOW,
  bound: false,
  deriver,
});
const legacy = (await staticSealer.seal("two", "")).replace(/^enc:[^:]+:/, "enc:");

const survey = (document: Document) =>
  surveyTokens(document, { rules: RULES, opener: openers.both });
const rotate = (document: Document) =>
  planRotation(document, { rules: RULES, opener: openers.both, sealer: nextSealer });

/** A document that holds tokens of every form in fields of every kind. */
async function mixed(): Promise<Document> {
  return json({
    host: "h",
    auth: { token_value: await sealer.seal("one", HERE), password: unbound },
    own: { note: await sealer.seal("three", THERE), "a/b": unbound },
    servers: { a: { token_secret: "${A}" }, b: { token_secret: "plain" } },
    port: 8006,
  });
}

describe("the survey of a document", () => {
  it("lists every token in the order of the text, with what opens it", async () => {
    const { tokens, strays } = await survey(await mixed());
    expect(tokens.map(({ location, state }) => [location, state])).toEqual([
      [HERE, "bound"],
      ["/auth/password", "unbound"],
      [THERE, "bound"],
      ["/own/a~1b", "unbound"],
    ]);
    for (const { problem, opened, claimedAt } of tokens) {
      expect(problem).toBeUndefined();
      expect(opened?.keyId).toBe(KEY.id);
      expect(claimedAt).toEqual(NOW);
    }
    expect(tokens.map(({ opened }) => opened?.plaintext)).toEqual(["one", "two", "three", "two"]);
    expect(tokens[0]).toMatchObject({ line: 4, column: 20 });
    expect(strays).toEqual([]);
  });

  it("tells which tokens the successor opens", async () => {
    const document = await json({ a: await nextSealer.seal("x", "/a"), b: unbound });
    const { tokens } = await survey(document);
    expect(tokens.map(({ opened }) => opened?.keyId)).toEqual([NEXT.id, KEY.id]);
  });

  it("goes on behind a bad token, and says what is wrong with each", async () => {
    const { tokens } = await survey(
      await json({
        a: "enc:what",
        b: await sealerOf(OTHER_KEY).seal("x", "/b"),
        c: await sealer.seal("x", "/d"),
        d: " enc:",
        e: unbound,
        f: unbound.replace(/^enc:[^:]+/, "enc:AAAAAAAAAAAAAAAAAAAAAAI="),
      }),
    );
    expect(tokens.map(({ problem }) => problem?.code)).toEqual<(ErrorCode | undefined)[]>([
      "TOKEN_MALFORMED",
      "NO_KEY_OPENS",
      "TOKEN_MISPLACED",
      "TOKEN_MALFORMED",
      undefined,
      "TOKEN_NEWER",
    ]);
    expect(tokens[2]?.problem?.message).toMatch(/sealed for \/d, found at \/c/);
    expect(tokens[2]?.problem?.where).toEqual({ location: "/c", line: 4, column: 8 });
  });

  it("says of a token that opens that it must not be replaced", async () => {
    const document = await open(`a: &x ${unbound}\nb: *x\nc: ${unbound}\nd: &y enc:what\n`, "yaml");
    const { tokens } = await survey(document);
    expect(tokens.map(({ location, problem }) => [location, problem?.code])).toEqual([
      ["/a", "AMBIGUOUS"],
      ["/b", "AMBIGUOUS"],
      ["/c", undefined],
      ["/d", "TOKEN_MALFORMED"],
    ]);
    expect(tokens[0]?.opened?.keyId).toBe(KEY.id);
    expect(tokens[0]?.problem?.where).toEqual({ location: "/a", line: 1, column: 7 });
  });

  it("lists many tokens of one salt and needs one derivation for them", async () => {
    const fields = Array.from({ length: 300 }, (_, index) => [`name_${index}`, unbound]);
    const frugal = createOpener({ keys: keysOf(KEY), deriver: createDeriver(1) });
    const document = await json(Object.fromEntries(fields));
    const { tokens } = await surveyTokens(document, { rules: RULES, opener: frugal });
    expect(tokens.filter(({ opened }) => opened !== undefined)).toHaveLength(300);
  });

  it.each<[string, unknown, number]>([
    ["no secret", { host: "h", note: "x" }, 0],
    ["tokens and placeholders", { auth: { token_value: unbound, password: "${P}" } }, 0],
    ["a plain secret", { auth: { token_value: "x" } }, 1],
    ["a default and a number", { auth: { token_value: "${A:-x}", password: 12345 } }, 2],
    ["a plain master key", { master_key: KEY.reveal(), password: "x" }, 2],
    ["a sealed master key", { master_key: legacy }, 0],
    ["what looks like one", { extra: { api_secret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0" } }, 1],
  ])("counts the secrets in plain sight: %s", async (_, value, count) => {
    expect((await survey(await json(value))).plainSecrets).toBe(count);
  });
});

describe("tokens that are no values", () => {
  async function straysOf(text: string, format: DocumentFormat): Promise<readonly unknown[]> {
    return (await survey(await open(text, format))).strays;
  }

  it("are found in comments, at their own place", async () => {
    expect(
      await straysOf(`# ${unbound}\na: ${unbound} # ${legacy}\nb: x\n# last ${unbound}`, "yaml"),
    ).toEqual([
      { line: 1, column: 3 },
      { line: 2, column: 4 + unbound.length + 3 },
      { line: 4, column: 8 },
    ]);
    expect(await straysOf(`A=${unbound} # ${unbound}\n#B='${legacy}'\n`, "dotenv")).toEqual([
      { line: 1, column: 3 + unbound.length + 3 },
      { line: 2, column: 5 },
    ]);
  });

  it("are found in keys", async () => {
    expect(await straysOf(JSON.stringify({ [legacy]: "x" }), "json")).toEqual([
      { line: 1, column: 3 },
    ]);
  });

  it("are found in longer texts, however those are spelled", async () => {
    const inner = JSON.stringify({ token_value: unbound, password: unbound });
    const yaml = `data:\n  # ${unbound}\n  config.json: |\n    ${inner}\n`;
    expect(await straysOf(yaml, "yaml")).toEqual([
      { line: 2, column: 5 },
      { location: "/data/config.json", line: 3, column: 16 },
    ]);
    const escaped = JSON.stringify({ note: `Bearer ${unbound}` }).replaceAll("=", "\\u003d");
    expect(await straysOf(escaped, "json")).toEqual([{ location: "/note", line: 1, column: 9 }]);
  });

  it("are not what only looks like one", async () => {
    const text = `# enc: begins a token\na: "enc:what"\nb: see enc:ZZZZ\n# ${unbound.slice(0, -9)}\n`;
    expect(await straysOf(text, "yaml")).toEqual([]);
  });

  it("are not the values themselves, however those are spelled", async () => {
    const folded = `a: >-\n  ${unbound}\nb: |\n  ${unbound}\nc: '${unbound}'\nd: [${unbound}]\n`;
    expect(await straysOf(folded, "yaml")).toEqual([]);
    const escaped = JSON.stringify({ a: unbound, b: legacy }).replaceAll("=", "\\u003d");
    expect(await straysOf(escaped, "json")).toEqual([]);
  });
});

describe("planning to rotate", () => {
  it("seals every token anew, whatever its field, and leaves every other byte", async () => {
    const document = await mixed();
    const plan = await rotate(document);
    expect(plan.changed.map(({ location, state }) => [location, state])).toEqual([
      [HERE, "bound"],
      ["/auth/password", "unbound"],
      [THERE, "bound"],
      ["/own/a~1b", "unbound"],
    ]);
    const before = await stringsOf(document.text);
    const after = await stringsOf(plan.text);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    const changed = new Map(plan.changed.map((field) => [field.location, field]));
    let rest = plan.text;
    for (const [location, text] of Object.entries(after)) {
      if (!changed.has(location)) continue;
      expect(text).not.toBe(before[location]);
      const opened = await openers.next.open(text, location);
      expect(opened).toMatchObject({ form: "bound", keyId: NEXT.id });
      const old = await openers.old.open(before[location] ?? "", location);
      expect(opened.plaintext).toBe(old.plaintext);
      rest = rest.replace(text, before[location] ?? "");
    }
    expect(rest).toBe(document.text);
    await plan.verify(plan.text);
  });

  it.each<[DocumentFormat, string]>([
    ["json", `\uFEFF{"a" :"${unbound}",\r\n "b":\t"${legacy}" }`],
    [
      "yaml",
      `# ${unbound}\na: ${unbound} # note\nb: '${legacy}'\nc: >-\n  ${unbound}\nd: |-\n  x\n`,
    ],
    ["dotenv", `# ${unbound}\nA=${unbound} # note\r\nexport B='${legacy}'\nC="${unbound}"`],
  ])("keeps what surrounds the tokens of a %s document", async (format, text) => {
    const document = await open(text, format);
    const plan = await rotate(document);
    await plan.verify(plan.text);
    expect(plan.changed.map(({ state }) => state)).toContain("legacy");
    // Comments have old tokens still; a block scalar becomes a quoted one.
    const masked = (whole: string) => whole.replaceAll(/enc:[\w:=-]+/g, "TOKEN");
    expect(masked(plan.text)).toBe(masked(text).replace(/>-\n {2}(TOKEN)/, '"$1"'));
    const comments = text.match(/(?<=^# )enc:.*/gm) ?? [];
    expect(plan.text.match(/(?<=^# )enc:.*/gm) ?? []).toEqual(comments);
    const old = text.split("\n").filter((line) => !line.startsWith("#"));
    for (const token of [unbound, legacy]) {
      expect(old.join("\n")).toContain(token);
      expect(plan.text.replace(`# ${token}`, "")).not.toContain(token);
    }
  });

  it("changes nothing where there is no token", async () => {
    const document = await json({ auth: { token_value: "x" }, own_token: "not a token" });
    const plan = await rotate(document);
    expect(plan.text).toBe(document.text);
    expect(plan.changed).toEqual([]);
    expect(plan.kept).toMatchObject([{ location: HERE, state: "plain" }]);
    await plan.verify(plan.text);
  });

  it("reports what stays: placeholders, plain secrets, lookalikes and master keys", async () => {
    const uuid = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    const plan = await rotate(
      await json({
        password: "${P}",
        auth: { token_value: "x" },
        own_token: uuid,
        a: unbound,
        master_key: "k",
      }),
    );
    expect(plan.kept.map(({ state }) => state)).toEqual(["placeholder", "plain"]);
    expect(plan.lookalikes.map(({ location }) => location)).toEqual(["/own_token", "/master_key"]);
  });

  it("seals what the new key opens already once more", async () => {
    const document = await json({ a: await nextSealer.seal("x", "/a"), b: unbound });
    const plan = await rotate(document);
    expect(plan.changed.map(({ location }) => location)).toEqual(["/a", "/b"]);
    await plan.verify(plan.text);
  });

  it("can be done again and again: the values stay, and old keys open nothing any more", async () => {
    let keys = keysOf(KEY);
    let document = await mixed();
    const values = async (at: Document) => {
      const own = createOpener({ keys: keysOf(keys.active), deriver });
      const { tokens } = await surveyTokens(at, { rules: RULES, opener: own });
      return tokens.map(({ location, opened }) => [location, opened?.plaintext]);
    };
    const first = await values(document);
    for (const word of ["first", "second", "third"]) {
      const next = exampleKey(word);
      const plan = await planRotation(document, {
        rules: RULES,
        opener: createOpener({ keys: withSuccessor(keys, next), deriver }),
        sealer: sealerOf(next, { seed: word }),
      });
      await plan.verify(plan.text);
      document = await open(plan.text, "json");
      keys = switchedTo(keys, next);
      expect(await values(document)).toEqual(first);
    }
    const retired = createOpener({ keys: keysOf(KEY, exampleKey("second")), deriver });
    const { tokens } = await surveyTokens(document, { rules: RULES, opener: retired });
    expect(new Set(tokens.map(({ problem }) => problem?.code))).toEqual(new Set(["NO_KEY_OPENS"]));
  });

  it("keeps any text in any field", async () => {
    const text = fc
      .string({ unit: "grapheme", maxLength: 40 })
      .filter((value) => value.isWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(text, { minLength: 1, maxLength: 4 }), async (texts) => {
        const fields: [string, string][] = [];
        for (const name of texts) {
          const step = name.replaceAll("~", "~0").replaceAll("/", "~1");
          fields.push([name, await sealer.seal(`value of ${name}`, `/${step}`)]);
        }
        const value = Object.fromEntries(fields.filter(([name]) => name !== "__proto__"));
        const plan = await rotate(await json(value));
        await plan.verify(plan.text);
        const { tokens } = await surveyTokens(await open(plan.text, "json"), {
          rules: RULES,
          opener: openers.next,
        });
        const found = tokens.map(({ opened }) => opened?.plaintext);
        expect(found.sort()).toEqual(
          Object.keys(value)
            .map((name) => `value of ${name}`)
            .sort(),
        );
      }),
      { numRuns: 50 },
    );
  });

  it.each<[string, () => Promise<Document>, ErrorCode, RegExp, object]>([
    [
      "a token that no key opens, and counts the others",
      async () => {
        const foreign = sealerOf(OTHER_KEY);
        const [a, b] = [await foreign.seal("x", "/b"), await foreign.seal("x", "/c")];
        return json({ a: unbound, b: a, c: b });
      },
      "NO_KEY_OPENS",
      /^Token decryption failed.* \(one more field fails as well\)$/,
      { location: "/b", line: 3, column: 8 },
    ],
    [
      "a token of another field, and does not bind it to this one",
      async () => json({ a: await sealer.seal("x", "/b"), b: await sealer.seal("x", "/b") }),
      "TOKEN_MISPLACED",
      /sealed for \/b, found at \/a$/,
      { location: "/a", line: 2, column: 8 },
    ],
    [
      "a malformed token",
      () => json({ a: unbound, b: "enc:what" }),
      "TOKEN_MALFORMED",
      /^Invalid encrypted token format/,
      { location: "/b", line: 3, column: 8 },
    ],
    [
      "a token that two readers understand differently",
      () => open(`a: &x ${unbound}\nb: *x\n`, "yaml"),
      "AMBIGUOUS",
      /^the secret cannot be changed safely: .* \(one more field fails as well\)$/,
      { location: "/a", line: 1, column: 7 },
    ],
    [
      "a seal of the whole document, which only a newer version knows",
      () =>
        json({ proxmox_mcp_seal: unbound.replace(/^enc:[^:]+/, "enc:AAAAAAAAAAAAAAAAAAAAAAI=") }),
      "TOKEN_NEWER",
      /newer version/,
      { location: "/proxmox_mcp_seal", line: 2, column: 23 },
    ],
  ])("stops at %s", async (_, make, code, message, where) => {
    const document = await make();
    const error = await refusal(code, () => rotate(document));
    expect(error.message).toMatch(message);
    expect(error.where).toEqual(where);
    expect(error.hint).toBeDefined();
  });

  it("passes on a failure that is no token's", async () => {
    const broken = {
      derive: () => Promise.reject(new RangeError("no memory")),
      prepare: () => undefined,
    };
    const reader = createOpener({ keys, deriver: broken });
    const document = await json({ a: unbound });
    const options = { rules: RULES, opener: reader, sealer: nextSealer };
    await expect(planRotation(document, options)).rejects.toThrow(RangeError);
    await expect(surveyTokens(document, options)).rejects.toThrow(RangeError);
  });

  it("verifies the new tokens with the new key alone", async () => {
    const key = exampleKey("a key that the sealer does not have");
    const honest = sealerOf(NEXT, { seed: "honest" });
    const swapped = { ...honest, seal: sealerOf(key, { seed: "swapped" }).seal };
    const plan = await planRotation(await json({ a: unbound }), {
      rules: RULES,
      opener: createOpener({ keys: withSuccessor(keysOf(KEY, key), NEXT), deriver }),
      sealer: swapped,
    });
    await refusal("NO_KEY_OPENS", () => plan.verify(plan.text));
  });

  it("derives one key for the old salt and one for the new, and verifies with no other", async () => {
    const run = createDeriver(2);
    const thrifty = createSealer({
      key: NEXT,
      random: repeatable("z"),
      now: () => NOW,
      deriver: run,
    });
    const plan = await planRotation(await json({ a: unbound, b: unbound, c: unbound }), {
      rules: RULES,
      opener: createOpener({ keys, deriver: run }),
      sealer: thrifty,
    });
    await plan.verify(plan.text);
    expect(plan.changed).toHaveLength(3);
  });
});

describe("a document that is one token and nothing else", () => {
  it.each(["json", "yaml"] as const)(
    "is surveyed and sealed anew as any other: %s",
    async (format) => {
      const token = await sealer.seal("one", "");
      const document = await open(JSON.stringify(token), format);
      const { tokens, strays } = await survey(document);
      expect(strays).toEqual([]);
      expect(tokens).toMatchObject([{ opened: { plaintext: "one" } }]);
      const { changed } = await rotate(document);
      expect(changed).toHaveLength(1);
    },
  );
});
