import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBase64Url } from "../src/encoding.ts";
import { sealFernet } from "../src/fernet.ts";
import {
  isPlain,
  isSealed,
  isTokenLike,
  parseToken,
  printToken,
  STATIC_SALT,
  stateOf,
  type Token,
} from "../src/token.ts";
import { refusal } from "./refusal.ts";
import { bound, python } from "./vectors.ts";

const FERNET = sealFernet(
  { plaintext: Buffer.from("value"), timestamp: 1n, iv: Buffer.alloc(16, 3) },
  Buffer.alloc(32, 5),
);
const SALT = Buffer.alloc(16, 4);

function tokenOf(part: Partial<Token>): Token {
  return { form: "unbound", salt: SALT, saltWritten: true, fernet: FERNET, ...part };
}

const LEGACY = printToken(tokenOf({ form: "legacy", salt: STATIC_SALT, saltWritten: false }));
const UNBOUND = printToken(tokenOf({}));
const BOUND = printToken(tokenOf({ form: "bound", salt: Buffer.of(...SALT, 1) }));
/** base64url of the Fernet token's text. */
const INNER = LEGACY.slice("enc:".length);

const anyToken: fc.Arbitrary<Token> = fc
  .record({
    plaintext: fc.uint8Array({ maxLength: 40 }),
    timestamp: fc.bigInt(0n, 2n ** 64n - 1n),
    iv: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    form: fc.constantFrom("legacy" as const, "unbound" as const, "bound" as const),
    saltWritten: fc.boolean(),
  })
  .map(({ salt, form, saltWritten, ...input }) => ({
    form,
    salt: {
      legacy: STATIC_SALT,
      unbound: Buffer.from(salt),
      bound: Buffer.of(...salt, 1),
    }[form],
    saltWritten: form !== "legacy" || saltWritten,
    fernet: sealFernet(input, Buffer.alloc(32, 5)),
  }));

describe("the grammar", () => {
  it("prints every token to a text that parses to the same token", () => {
    fc.assert(
      fc.property(anyToken, (token) => {
        expect(parseToken(printToken(token))).toEqual(token);
      }),
    );
  });

  it("prints what it parsed to the same bytes", () => {
    fc.assert(
      fc.property(anyToken, (token) => {
        const text = printToken(token);
        expect(printToken(parseToken(text))).toBe(text);
      }),
    );
    for (const { token } of [...python, ...bound.good, ...bound.readable]) {
      expect(printToken(parseToken(token))).toBe(token);
    }
  });

  it("has one spelling for each token: a changed text that still parses is another token", () => {
    const spoil = fc.constantFrom(..."=:AQgw_-+/ \n");
    fc.assert(
      fc.property(anyToken, fc.nat(), fc.nat(2), spoil, (token, at, width, character) => {
        const text = printToken(token);
        const index = at % (text.length + 1);
        const changed = text.slice(0, index) + character + text.slice(index + width);
        if (changed === text) return;
        try {
          expect(printToken(parseToken(changed))).toBe(changed);
        } catch (error) {
          expect(error).toMatchObject({ name: "ProxmoxMcpError" });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("writes the salt, then the Fernet token encoded once more, as the Python tool does", () => {
    expect(UNBOUND).toBe(`enc:${encodeBase64Url(SALT)}:${INNER}`);
    expect(INNER.startsWith("Z0FBQUFB")).toBe(true);
    expect(LEGACY).toBe(`enc:${INNER}`);
  });

  it.each([
    ["legacy", LEGACY],
    ["legacy", `enc:${encodeBase64Url(STATIC_SALT)}:${INNER}`],
    ["unbound", UNBOUND],
    ["bound", BOUND],
  ])("reads the form %s", (form, text) => {
    expect(parseToken(text).form).toBe(form);
    expect(stateOf(text)).toBe(form);
  });

  it("gives legacy tokens the static salt, written or not", () => {
    expect(parseToken(LEGACY)).toMatchObject({ saltWritten: false });
    expect(parseToken(LEGACY).salt.toString()).toBe("proxmox_mcp_salt");
    expect(parseToken(`enc:cHJveG1veF9tY3Bfc2FsdA==:${INNER}`)).toMatchObject({
      saltWritten: true,
      salt: STATIC_SALT,
    });
  });
});

describe("what is no token", () => {
  const unpadded = INNER.replace(/=+$/, "");
  const single = INNER.slice(0, -4);
  const b64 = encodeBase64Url;

  it.each([
    ["nothing after the prefix", "enc:", /no whole Fernet token/],
    ["an empty salt", `enc::${INNER}`, /salt is 0 bytes long instead of 16 or 17/],
    ["an empty second part", `enc:${b64(SALT)}:`, /no whole Fernet token/],
    ["a third part", `${UNBOUND}:`, /more than two parts/],
    ["four parts", `${UNBOUND}:a:b`, /more than two parts/],
    ["a space before", ` ${UNBOUND}`, /does not begin with exactly `enc:`/],
    ["a tab before", `\t${UNBOUND}`, /does not begin with exactly/],
    ["a line feed before", `\n${UNBOUND}`, /does not begin with exactly/],
    ["a space after", `${UNBOUND} `, /no whole Fernet token/],
    ["a line feed after", `${UNBOUND}\n`, /no whole Fernet token/],
    ["a space after the prefix", UNBOUND.replace("enc:", "enc: "), /salt is not padded base64url/],
    ["capitals", UNBOUND.replace("enc:", "ENC:"), /does not begin with exactly/],
    ["mixed capitals", UNBOUND.replace("enc:", "Enc:"), /does not begin with exactly/],
    ["a salt without padding", `enc:${b64(SALT).replace("==", "")}:${INNER}`, /salt is not padded/],
    [
      "a salt of stray bits",
      `enc:${b64(SALT).replace("A==", "B==")}x:${INNER}`,
      /salt is not padded/,
    ],
    ["a salt of 15 bytes", `enc:${b64(SALT.subarray(1))}:${INNER}`, /salt is 15 bytes long/],
    [
      "a salt of 18 bytes",
      `enc:${b64(Buffer.of(...SALT, 1, 1))}:${INNER}`,
      /salt is 18 bytes long/,
    ],
    ["no padding", `enc:${b64(SALT)}:${unpadded}`, /no whole Fernet token/],
    ["a Fernet token that is cut short", `enc:${b64(SALT)}:${single}`, /no whole Fernet token/],
    [
      "a Fernet token that is encoded once only",
      `enc:${Buffer.from(INNER, "base64url")}`,
      /no whole/,
    ],
    ["words", "enc:this is not encrypted", /no whole Fernet token/],
  ])("has %s: malformed, and never plain", async (_, text, trouble) => {
    const error = await refusal("TOKEN_MALFORMED", () => parseToken(text));
    expect(error.message).toMatch(/^Invalid encrypted token format: /);
    expect(error.message).toMatch(trouble);
    expect(error.hint).toContain("proxmox-mcp-encrypt set");
    expect(isTokenLike(text)).toBe(true);
    expect(stateOf(text)).toBe("malformed");
  });

  it("is plain text for parseToken's callers to ask about first", async () => {
    const error = await refusal("TOKEN_MALFORMED", () => parseToken("a plain value"));
    expect(error.message).toMatch(/does not begin with exactly `enc:`/);
  });

  it.each([0, 2, 3, 0x81, 255])("has 17 bytes of salt that end in %i: newer", async (version) => {
    const text = `enc:${encodeBase64Url(Buffer.of(...SALT, version))}:${INNER}`;
    const error = await refusal("TOKEN_NEWER", () => parseToken(text));
    expect(error.message).toMatch(/^Invalid encrypted token format: .*newer version/);
    expect(error.hint).toContain("update");
    expect(stateOf(text)).toBe("newer");
  });

  it("is newer even where we could not read the rest of it", async () => {
    await refusal("TOKEN_NEWER", () =>
      parseToken(`enc:${encodeBase64Url(Buffer.of(...SALT, 2))}:?`),
    );
  });
});

describe("the state of a value", () => {
  it.each([
    ["", "plain"],
    ["hunter-example", "plain"],
    ["enc", "plain"],
    ["encoded:value", "plain"],
    ["en c:value", "plain"],
    ["see enc:value", "plain"],
    ["$VAR and {VAR}", "plain"],
    [`# ${LEGACY}`, "plain"],
    ["${VAR}", "placeholder"],
    ["${VAR:?say why}", "placeholder"],
    ["${VAR:-}", "placeholder"],
    ["a ${VAR} b", "placeholder"],
    ["${", "placeholder"],
    ["${VAR", "placeholder"],
    ["${VAR} :-literal", "placeholder"],
    ["note:-literal} ${VAR}", "placeholder"],
    ["note:-literal ${VAR}", "placeholder"],
    ["${VAR:-literal}", "plain-default"],
    ["${VAR:-l", "plain-default"],
    ["${A:-}${B:-literal}", "plain-default"],
    ["${A} and ${B:-literal}", "plain-default"],
    ["enc:${VAR}", "malformed"],
    [" EnC:", "malformed"],
    ["\uFEFFenc:", "malformed"],
  ])("of %j is %s", (text, state) => {
    expect(stateOf(text)).toBe(state);
    expect(isTokenLike(text)).toBe(state === "malformed");
  });
});

describe("isPlain and isSealed", () => {
  it.each([
    ["plain", true, false],
    ["plain-default", true, false],
    ["placeholder", false, false],
    ["legacy", false, true],
    ["unbound", false, true],
    ["bound", false, true],
    ["malformed", false, false],
    ["newer", false, false],
    ["not-a-string", false, false],
  ])("%s", (state, plain, sealed) => {
    expect([isPlain(state), isSealed(state)]).toEqual([plain, sealed]);
  });
});
