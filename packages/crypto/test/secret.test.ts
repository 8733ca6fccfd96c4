import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bindingIv } from "../src/binding.ts";
import { decodeBase64Url } from "../src/encoding.ts";
import { sealFernet } from "../src/fernet.ts";
import { createDeriver, type Deriver } from "../src/key/derive.ts";
import { MasterKey } from "../src/key/master-key.ts";
import { claimedTime, createOpener, createSealer } from "../src/secret.ts";
import { parseToken, printToken, STATIC_SALT, type Token } from "../src/token.ts";
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
  WEAK_KEY,
} from "./material.ts";
import { refusal } from "./refusal.ts";

const HERE = "/auth/token_value";
const SALT = Buffer.alloc(16, 6);

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom("", "\uFEFFbom", "\0", "🔐", "enc:not a token", "${VAR}", "x".repeat(5000)),
);
const anyLocation = fc.oneof(
  fc.constantFrom("", "/", "/auth/token_value", "env:MCPO_API_KEY", "/a~1b/c~0d", "/密码/0"),
  fc.string({ unit: "binary", maxLength: 30 }),
);

/** A token around these bytes, whatever they are, with a MAC that is right. */
async function forge(
  parts: { key?: MasterKey; salt?: Buffer; form?: Token["form"]; spoil?: (f: Buffer) => Buffer },
  bytes: Buffer = Buffer.from("value"),
): Promise<string> {
  const { key = KEY, salt = SALT, form = "unbound", spoil = (body) => body } = parts;
  const derivedKey = await deriver.derive(key, salt);
  const timestamp = BigInt(NOW.getTime() / 1000);
  const nonce = Buffer.alloc(8, 1);
  const iv = bindingIv({ nonce, location: HERE, timestamp, plaintext: bytes }, derivedKey);
  const whole = sealFernet({ plaintext: bytes, timestamp, iv }, derivedKey);
  const signed = spoil(Buffer.from(whole.bytes.subarray(0, -32)));
  const { createHmac } = await import("node:crypto");
  const mac = createHmac("sha256", derivedKey.subarray(0, 16)).update(signed).digest();
  return printToken({
    form,
    salt,
    saltWritten: true,
    fernet: { ...whole, bytes: Buffer.concat([signed, mac]) },
  });
}

/** Breaks the padding: the last byte of the block before the last one goes into it. */
function breakPadding(signed: Buffer): Buffer {
  const at = signed.length - 17;
  signed.writeUInt8(signed.readUInt8(at) ^ 0xff, at);
  return signed;
}

describe("sealing and opening", () => {
  it("gives back any text at any location, bound or not", async () => {
    const sealers = { bound: sealer, unbound: sealerOf(KEY, { bound: false }) };
    const form = fc.constantFrom("bound" as const, "unbound" as const);
    await fc.assert(
      fc.asyncProperty(anyText, anyLocation, form, async (text, location, wanted) => {
        const token = await sealers[wanted].seal(text, location);
        expect(parseToken(token).form).toBe(wanted);
        expect(await opener.open(token, location)).toEqual({
          plaintext: text,
          form: wanted,
          keyId: KEY.id,
          sealedAt: NOW,
        });
      }),
    );
  });

  it("refuses a bound token at every other location", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyLocation, anyLocation, async (text, from, to) => {
        fc.pre(from !== to);
        const token = await sealer.seal(text, from);
        const error = await refusal("TOKEN_MISPLACED", () => opener.open(token, to));
        expect(error.where).toEqual({ location: to });
      }),
    );
  });

  it("gives an unbound token to any location", async () => {
    const token = await sealerOf(KEY, { bound: false }).seal("value", HERE);
    expect((await opener.open(token, "/elsewhere")).plaintext).toBe("value");
  });
});

describe("a sealer", () => {
  it("draws one salt for all its values, and a nonce for each", async () => {
    const one = parseToken(await sealer.seal("same", HERE));
    const two = parseToken(await sealer.seal("same", HERE));
    expect(two.salt).toEqual(one.salt);
    expect(one.salt).toHaveLength(17);
    expect(two.fernet.iv).not.toEqual(one.fernet.iv);
  });

  it("takes from the source of randomness what it needs and no more", async () => {
    const sizes: number[] = [];
    const random = (size: number): Buffer => {
      sizes.push(size);
      return Buffer.alloc(size, 1);
    };
    await createSealer({ key: KEY, random, now: () => NOW, deriver }).seal("x", HERE);
    expect(sizes).toEqual([16, 8]);
    await createSealer({ key: KEY, random, now: () => NOW, deriver, bound: false }).seal("x", HERE);
    expect(sizes).toEqual([16, 8, 16, 16]);
  });

  it("writes the salt as it was drawn, with the version behind it in bound tokens", async () => {
    const random = repeatable("a salt");
    const drawn = repeatable("a salt")(16);
    const options = { key: KEY, now: () => NOW, deriver };
    const bound = await createSealer({ ...options, random }).seal("x", HERE);
    expect(parseToken(bound).salt).toEqual(Buffer.of(...drawn, 1));
    const unbound = await createSealer({
      ...options,
      random: repeatable("a salt"),
      bound: false,
    }).seal("x", HERE);
    expect(parseToken(unbound).salt).toEqual(drawn);
  });

  it("writes whole seconds, rounded down", async () => {
    const late = createSealer({
      key: KEY,
      random: repeatable("salt"),
      now: () => new Date("2024-03-02T01:00:00.999Z"),
      deriver,
    });
    const token = parseToken(await late.seal("x", HERE));
    expect(claimedTime(token)).toEqual(NOW);
  });

  it("asks for the time at every value", async () => {
    let now = NOW.getTime();
    const clock = createSealer({
      key: KEY,
      random: repeatable("salt"),
      now: () => {
        now += 1000;
        return new Date(now);
      },
      deriver,
    });
    const times = [await clock.seal("a", HERE), await clock.seal("a", HERE)].map((text) =>
      claimedTime(parseToken(text)).getTime(),
    );
    expect(times).toEqual([NOW.getTime() + 1000, NOW.getTime() + 2000]);
  });

  it("needs one derivation for all its values, and shares it with an opener", async () => {
    const single = createDeriver(1);
    const thrifty = createSealer({
      key: KEY,
      random: repeatable("x"),
      now: () => NOW,
      deriver: single,
    });
    thrifty.prepare();
    const tokens = await Promise.all(["a", "b", "c"].map((text) => thrifty.seal(text, HERE)));
    const reader = createOpener({ keys: keysOf(KEY), deriver: single });
    for (const token of tokens) await reader.open(token, HERE);
    const confirm = await thrifty.secondOpinion();
    expect(() => confirm(tokens[0] ?? "", "a", HERE)).not.toThrow();
    const { salt } = parseToken(tokens[0] ?? "");
    await refusal("TOO_MANY_DERIVATIONS", () => single.derive(OTHER_KEY, salt));
  });

  it("derives when it is told to prepare, and not before", async () => {
    const keys: MasterKey[] = [];
    const watched: Deriver = {
      ...deriver,
      derive: (key, salt) => {
        keys.push(key);
        return deriver.derive(key, salt);
      },
    };
    const idle = createSealer({
      key: KEY,
      random: repeatable("x"),
      now: () => NOW,
      deriver: watched,
    });
    expect(keys).toEqual([]);
    idle.prepare();
    expect(keys).toEqual([KEY]);
    await idle.secondOpinion();
    expect(keys).toEqual([KEY]);
  });

  it("tells of a derivation that failed when it is used, not when it is prepared", async () => {
    const none = createDeriver(0);
    const idle = createSealer({ key: KEY, random: repeatable("x"), now: () => NOW, deriver: none });
    idle.prepare();
    await refusal("TOO_MANY_DERIVATIONS", () => idle.secondOpinion());
    await refusal("TOO_MANY_DERIVATIONS", () => idle.seal("value", HERE));
  });

  it("opens what it sealed with its own key, at no further cost, and nothing else", async () => {
    const single = createDeriver(1);
    const own = createSealer({
      key: KEY,
      random: repeatable("own"),
      now: () => NOW,
      deriver: single,
    });
    const token = await own.seal("value", HERE);
    expect(await own.opener.open(token, HERE)).toMatchObject({ plaintext: "value", keyId: KEY.id });
    const foreign = await sealerOf(OTHER_KEY).seal("value", HERE);
    const several = createSealer({ key: KEY, random: repeatable("own"), now: () => NOW, deriver });
    await refusal("NO_KEY_OPENS", () => several.opener.open(foreign, HERE));
  });

  it("works with a deriver of its own", async () => {
    const alone = createSealer({ key: KEY, random: repeatable("y"), now: () => NOW });
    const token = await alone.seal("value", HERE);
    expect((await createOpener({ keys: keysOf(KEY) }).open(token, HERE)).plaintext).toBe("value");
  });

  it.each([
    ["a passphrase", WEAK_KEY, /is printable text/],
    ["a short key", new MasterKey(KEY.bytes.subarray(1)), /is 31 bytes long/],
  ])("is never made with %s", async (_, key, trouble) => {
    const drawn: number[] = [];
    const random = (size: number): Buffer => {
      drawn.push(size);
      return Buffer.alloc(size);
    };
    const error = await refusal("KEY_INVALID", () => createSealer({ key, random, now: () => NOW }));
    expect(error.message).toMatch(trouble);
    expect(drawn).toEqual([]);
  });

  it("takes no text and no location that UTF-8 cannot hold", async () => {
    const refused = new TypeError("a lone surrogate cannot be sealed");
    await expect(sealer.seal("\uD800", HERE)).rejects.toThrow(refused);
    await expect(sealer.seal("value", "/\uD800")).rejects.toThrow(refused);
  });
});

describe("the decision about a token", () => {
  const other = createOpener({ keys: keysOf(OTHER_KEY), deriver });

  it("says malformed before it tries a key", async () => {
    const idle = createOpener({ keys: keysOf(KEY), deriver: createDeriver(0) });
    const error = await refusal("TOKEN_MALFORMED", () => idle.open("enc:what", HERE));
    expect(error.message).toMatch(/^Invalid encrypted token format/);
    expect(error.where).toEqual({ location: HERE });
  });

  it("says newer before it tries a key", async () => {
    const idle = createOpener({ keys: keysOf(KEY), deriver: createDeriver(0) });
    const bound = parseToken(await sealer.seal("value", HERE));
    const text = printToken({ ...bound, salt: Buffer.of(...bound.salt.subarray(0, 16), 2) });
    const error = await refusal("TOKEN_NEWER", () => idle.open(text, HERE));
    expect(error.where).toEqual({ location: HERE });
  });

  it("says that no key opens it before it looks at padding, text or place", async () => {
    const broken = await forge({ spoil: breakPadding });
    await refusal("NO_KEY_OPENS", () => other.open(broken, HERE));
    const noText = await forge({}, Buffer.of(0xff));
    await refusal("NO_KEY_OPENS", () => other.open(noText, HERE));
    const moved = await sealer.seal("value", HERE);
    await refusal("NO_KEY_OPENS", () => other.open(moved, "/elsewhere"));
  });

  it("gives one answer for a fault of padding and for a fault of text", async () => {
    const padding = await refusal("TOKEN_OPAQUE", async () =>
      opener.open(await forge({ spoil: breakPadding }), HERE),
    );
    const text = await refusal("TOKEN_OPAQUE", async () =>
      opener.open(await forge({}, Buffer.of(0x61, 0xff)), HERE),
    );
    expect(padding.message).toMatch(/^Token decryption failed: the key is right/);
    expect(text.message).toBe(padding.message);
    expect(text.hint).toBe(padding.hint);
    expect(text.hint).toContain("proxmox-mcp-encrypt set");
    expect(text.where).toEqual({ location: HERE });
  });

  it("says opaque before it says misplaced", async () => {
    const text = await forge({ form: "bound", salt: Buffer.of(...SALT, 1) }, Buffer.of(0xff));
    await refusal("TOKEN_OPAQUE", () => opener.open(text, "/elsewhere"));
  });

  it("says misplaced last, with the way to repair a rename", async () => {
    const token = await sealer.seal("value", HERE);
    const error = await refusal("TOKEN_MISPLACED", () => opener.open(token, "/elsewhere"));
    expect(error.message).toMatch(/^Token decryption failed: it was sealed for another field$/);
    expect(error.hint).toContain("--rebind OLD=NEW");
  });

  it("says both things that a wrong MAC can mean, and how many keys were tried", async () => {
    const token = await sealer.seal("value", HERE);
    const one = await refusal("NO_KEY_OPENS", () => other.open(token, HERE));
    expect(one.message).toBe(
      "Token decryption failed: the master key does not open it; the key is another one, or the token is corrupted",
    );
    expect(one.hint).toMatch(/--key-file or --key-env.*backup/);
    const two = createOpener({ keys: keysOf(OTHER_KEY, exampleKey("three")), deriver });
    const both = await refusal("NO_KEY_OPENS", () => two.open(token, HERE));
    expect(both.message).toContain("none of the 2 master keys opens it");
  });
});

describe("an opener of several keys", () => {
  const [active, successor, retired] = [exampleKey("active"), KEY, OTHER_KEY];
  const several = createOpener({ keys: { active, successor, retired: [retired] }, deriver });

  it.each([
    ["active", active],
    ["successor", successor],
    ["retired", retired],
  ])("opens with the %s one, and names it", async (_, key) => {
    const token = await sealerOf(key).seal("value", HERE);
    const opened = await several.open(token, HERE);
    expect(opened.plaintext).toBe("value");
    expect(opened.keyId).toBe(key.id);
  });

  it("asks no further key once one fits", async () => {
    const frugal = createDeriver(1);
    const token = await sealerOf(active).seal("value", HERE);
    const keys = { active, successor, retired: [retired] };
    await createOpener({ keys, deriver: frugal }).open(token, HERE);
  });
});

describe("a weak key", () => {
  const short = new MasterKey(Buffer.from("short-key"));
  const boundSalt = Buffer.of(...SALT, 1);

  it.each([
    ["passphrase", WEAK_KEY, WEAK_KEY.id],
    ["key of another length", short, undefined],
  ])("opens legacy and unbound tokens: %s", async (_, key, id) => {
    const weak = createOpener({ keys: keysOf(key), deriver });
    const unbound = await forge({ key });
    expect(await weak.open(unbound, HERE)).toMatchObject({ form: "unbound", keyId: id });
    const legacy = await forge({ key, salt: STATIC_SALT, form: "legacy" });
    expect(await weak.open(legacy, HERE)).toMatchObject({ form: "legacy", keyId: id });
  });

  it.each([
    ["passphrase", WEAK_KEY],
    ["key of another length", short],
  ])("never opens a bound token, not even one that was made with it: %s", async (_, key) => {
    const forged = await forge({ key, salt: boundSalt, form: "bound" });
    const weak = createOpener({ keys: keysOf(key), deriver });
    await refusal("NO_KEY_OPENS", () => weak.open(forged, HERE));
    expect(await weak.homeOf(forged, [HERE])).toBeUndefined();
  });

  it("does not keep the strong keys beside it from opening", async () => {
    const mixed = createOpener({ keys: keysOf(WEAK_KEY, KEY), deriver });
    const token = await sealer.seal("value", HERE);
    expect((await mixed.open(token, HERE)).keyId).toBe(KEY.id);
  });
});

describe("alternatives", () => {
  it("are further locations that a bound token may be sealed for", async () => {
    const token = await sealer.seal("value", "env:TOKEN");
    expect((await opener.open(token, HERE, "env:OTHER", "env:TOKEN")).plaintext).toBe("value");
    expect((await opener.open(token, "env:TOKEN", HERE)).plaintext).toBe("value");
    const error = await refusal("TOKEN_MISPLACED", () => opener.open(token, HERE, "env:OTHER"));
    expect(error.where).toEqual({ location: HERE });
  });
});

describe("the home of a token", () => {
  it("is the location it was sealed for", async () => {
    const token = await sealer.seal("value", HERE);
    expect(await opener.homeOf(token, ["/a", HERE, "/b"])).toBe(HERE);
    expect(await opener.homeOf(token, new Set([HERE]))).toBe(HERE);
    expect(await opener.homeOf(token, ["/a", "/b"])).toBeUndefined();
    expect(await opener.homeOf(token, [])).toBeUndefined();
  });

  it("is unknown for what is unbound, not ours or no token", async () => {
    const unbound = await sealerOf(KEY, { bound: false }).seal("value", HERE);
    expect(await opener.homeOf(unbound, [HERE])).toBeUndefined();
    const withTag = await forge({});
    expect(await opener.homeOf(withTag, [HERE])).toBeUndefined();
    const foreign = await sealerOf(OTHER_KEY).seal("value", HERE);
    expect(await opener.homeOf(foreign, [HERE])).toBeUndefined();
    expect(await opener.homeOf("enc:what", [HERE])).toBeUndefined();
    expect(await opener.homeOf("plain", [HERE])).toBeUndefined();
  });
});

describe("the key of a token", () => {
  const several = createOpener({ keys: keysOf(KEY, OTHER_KEY, WEAK_KEY), deriver });

  it("is the one that its MAC confirms, wherever the token stands and whatever it holds", async () => {
    expect(await several.keyOf(await sealer.seal("value", HERE))).toBe(KEY);
    expect(await several.keyOf(await sealerOf(OTHER_KEY).seal("value", "/moved"))).toBe(OTHER_KEY);
    expect(await several.keyOf(await forge({ spoil: breakPadding }))).toBe(KEY);
    expect(await several.keyOf(await forge({ key: OTHER_KEY }, Buffer.of(0xff)))).toBe(OTHER_KEY);
    expect(await several.keyOf(await forge({ key: WEAK_KEY }))).toBe(WEAK_KEY);
  });

  it("is unknown for a token of another key, and for a forgery with a weak one", async () => {
    expect(await several.keyOf(await forge({ key: exampleKey("stranger") }))).toBeUndefined();
    const salt = Buffer.of(...SALT, 1);
    expect(
      await several.keyOf(await forge({ key: WEAK_KEY, salt, form: "bound" })),
    ).toBeUndefined();
  });

  it("is not asked for what is no token, or of a newer version", async () => {
    await refusal("TOKEN_MALFORMED", () => several.keyOf("enc:what"));
    const bound = parseToken(await sealer.seal("value", HERE));
    const newer = printToken({ ...bound, salt: Buffer.of(...bound.salt.subarray(0, 16), 2) });
    await refusal("TOKEN_NEWER", () => several.keyOf(newer));
  });
});

describe("preparing an opener", () => {
  const prepared: (readonly [MasterKey, string])[] = [];
  const watched: Deriver = {
    ...deriver,
    prepare: (key, salt) => prepared.push([key, Buffer.from(salt).toString("hex")]),
  };
  const reader = createOpener({ keys: keysOf(KEY, OTHER_KEY), deriver: watched });

  it.each([
    ["a token in JSON", (token: string) => `{"a": "enc", "b": "${token}"}`],
    ["the first of two", (token: string) => `A=${token}\nB=enc:${"Z".repeat(80)}\n`],
    ["a token in a YAML list", (token: string) => `- ${token}\r\n- 'plain'`],
  ])("starts the derivation that opens %s", async (_, around) => {
    const token = await sealer.seal("value", HERE);
    prepared.length = 0;
    reader.prepare(around(token));
    expect(prepared).toEqual([[KEY, parseToken(token).salt.toString("hex")]]);
  });

  it.each(["", "plain", "enc:", "enc:what:ever", "ENC:", `enc:${"A".repeat(200)}`])(
    "does nothing for a text without a token: %j",
    (text) => {
      prepared.length = 0;
      reader.prepare(text);
      expect(prepared).toEqual([]);
    },
  );
});

describe("failures that are none of ours", () => {
  const broken = {
    derive: () => Promise.reject(new RangeError("no memory")),
    prepare: () => undefined,
  };

  it("pass through unchanged", async () => {
    const token = await sealer.seal("value", HERE);
    const reader = createOpener({ keys: keysOf(KEY), deriver: broken });
    await expect(reader.open(token, HERE)).rejects.toThrow(RangeError);
    await expect(reader.homeOf(token, [HERE])).rejects.toThrow(RangeError);
  });
});

describe("the claimed time", () => {
  it("is read without a key, in seconds since 1970", () => {
    const fernet = sealFernet(
      { plaintext: Buffer.alloc(0), timestamp: 1_709_341_200n, iv: Buffer.alloc(16) },
      Buffer.alloc(32),
    );
    const token: Token = { form: "legacy", salt: STATIC_SALT, saltWritten: false, fernet };
    expect(claimedTime(token).toISOString()).toBe("2024-03-02T01:00:00.000Z");
  });

  it("may be further away than any date", () => {
    const fernet = sealFernet(
      { plaintext: Buffer.alloc(0), timestamp: 2n ** 63n, iv: Buffer.alloc(16) },
      Buffer.alloc(32),
    );
    const token: Token = { form: "legacy", salt: STATIC_SALT, saltWritten: false, fernet };
    expect(claimedTime(token).getTime()).toBeNaN();
  });
});

describe("the token as text", () => {
  it("stands in a config as one word of base64url", async () => {
    const token = await sealer.seal("value", HERE);
    expect(token).toMatch(/^enc:[A-Za-z0-9_-]+={0,2}:[A-Za-z0-9_-]+={0,2}$/);
    const [, salt = "", inner = ""] = token.split(":");
    expect(decodeBase64Url(salt)).toHaveLength(17);
    expect(decodeBase64Url(inner)?.toString()).toMatch(/^gAAAAA/);
  });
});
