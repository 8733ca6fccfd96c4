import { createHmac, pbkdf2Sync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createDeriver, DEFAULT_MAX_DERIVATIONS } from "../../src/key/derive.ts";
import { MasterKey, parseMasterKey } from "../../src/key/master-key.ts";
import { KEY, OTHER_KEY } from "../material.ts";
import { refusal } from "../refusal.ts";
import { bound, pbkdf2 } from "../vectors.ts";

/** RFC 8018 section 5.2 over HMAC-SHA256, written out: a second way to the same bytes. */
function pbkdf2ByHand(
  password: Uint8Array,
  salt: Uint8Array,
  count: number,
  length: number,
): Buffer {
  const blocks: Buffer[] = [];
  for (let index = 1; blocks.length * 32 < length; index += 1) {
    let u = createHmac("sha256", password)
      .update(salt)
      .update(Buffer.of(0, 0, 0, index))
      .digest();
    const block = Buffer.from(u);
    for (let round = 1; round < count; round += 1) {
      u = createHmac("sha256", password).update(u).digest();
      for (const [at, byte] of u.entries()) block[at] = (block[at] ?? 0) ^ byte;
    }
    blocks.push(block);
  }
  return Buffer.concat(blocks).subarray(0, length);
}

describe("the PBKDF2-HMAC-SHA256 vectors of Wycheproof", () => {
  const tests = pbkdf2.flatMap((group) => group.tests);

  // Their iteration counts are not ours, so they test the function that the deriver calls.
  it.each(tests)("$tcId: $iterationCount iterations, $dkLen bytes", (vector) => {
    const password = Buffer.from(vector.password, "hex");
    const salt = Buffer.from(vector.salt, "hex");
    const { iterationCount, dkLen, dk } = vector;
    expect(vector.result).toBe("valid");
    expect(pbkdf2Sync(password, salt, iterationCount, dkLen, "sha256").toString("hex")).toBe(dk);
  });

  it("hold for PBKDF2 written out, and that agrees with the deriver", async () => {
    for (const vector of tests.filter(({ iterationCount }) => iterationCount === 1)) {
      const password = Buffer.from(vector.password, "hex");
      const derived = pbkdf2ByHand(password, Buffer.from(vector.salt, "hex"), 1, vector.dkLen);
      expect(derived.toString("hex")).toBe(vector.dk);
    }
    const salt = Buffer.from("proxmox_mcp_salt");
    const derived = await createDeriver().derive(KEY, salt);
    expect(derived).toEqual(pbkdf2ByHand(KEY.bytes, salt, 100_000, 32));
  });

  it("are 60", () => expect(tests).toHaveLength(60));
});

describe("a deriver", () => {
  it.each(bound.good)("derives the key of the bound vector for $location", async (vector) => {
    const key = parseMasterKey(vector.master_key);
    const derived = await createDeriver().derive(key, Buffer.from(vector.salt, "hex"));
    expect(derived.toString("hex")).toBe(vector.derived_key);
  });

  it("derives each pair once: the answers are the very same buffer", async () => {
    const deriver = createDeriver();
    const salt = Buffer.alloc(16, 1);
    const [one, two] = await Promise.all([deriver.derive(KEY, salt), deriver.derive(KEY, salt)]);
    const twin = new MasterKey(KEY.bytes);
    const three = await deriver.derive(twin, Buffer.from(salt));
    expect(two).toBe(one);
    expect(three).toBe(one);
    expect(await createDeriver().derive(KEY, salt)).not.toBe(one);
  });

  it("tells pairs apart by key, by salt, and by where the one ends and the other begins", async () => {
    const deriver = createDeriver();
    const salt = Buffer.alloc(16, 1);
    const shifted = new MasterKey(Buffer.of(1, ...OTHER_KEY.bytes));
    const derived = await Promise.all([
      deriver.derive(KEY, salt),
      deriver.derive(OTHER_KEY, salt),
      deriver.derive(KEY, Buffer.alloc(16, 2)),
      deriver.derive(OTHER_KEY, Buffer.alloc(17, 1)),
      deriver.derive(shifted, salt),
    ]);
    expect(new Set(derived.map((key) => key.toString("hex"))).size).toBe(5);
  });

  it("does as many derivations as it may, and remembers beyond them", async () => {
    const deriver = createDeriver(2);
    await deriver.derive(KEY, Buffer.alloc(16, 1));
    await deriver.derive(KEY, Buffer.alloc(16, 2));
    const error = await refusal("TOO_MANY_DERIVATIONS", () =>
      deriver.derive(KEY, Buffer.alloc(16, 3)),
    );
    expect(error.message).toContain("more than 2 key derivations");
    expect(error.hint).toContain("--max-derivations");
    await expect(deriver.derive(KEY, Buffer.alloc(16, 1))).resolves.toHaveLength(32);
    await refusal("TOO_MANY_DERIVATIONS", () => deriver.derive(OTHER_KEY, Buffer.alloc(16, 1)));
  });

  describe("of one document among many", () => {
    const salts = [1, 2, 3].map((byte) => Buffer.alloc(16, byte)) as [Buffer, Buffer, Buffer];
    const [one, two, three] = salts;

    it("remembers what the others derived, in both directions", async () => {
      const shared = createDeriver();
      const early = await shared.derive(KEY, one);
      const document = shared.forDocument();
      expect(await document.derive(KEY, one)).toBe(early);
      const late = await document.derive(KEY, two);
      expect(await shared.derive(KEY, two)).toBe(late);
      expect(await shared.forDocument().forDocument().derive(KEY, two)).toBe(late);
    });

    it("counts what it derives itself against the limit, and nothing else", async () => {
      const shared = createDeriver(2);
      await shared.derive(KEY, one);
      const document = shared.forDocument();
      await document.derive(KEY, one);
      await document.derive(KEY, two);
      await document.derive(KEY, three);
      await refusal("TOO_MANY_DERIVATIONS", () => document.derive(OTHER_KEY, one));
      await shared.forDocument().derive(OTHER_KEY, one);
      await document.derive(OTHER_KEY, one);
      await shared.derive(OTHER_KEY, two);
      await refusal("TOO_MANY_DERIVATIONS", () => shared.derive(OTHER_KEY, three));
    });

    it("shares a derivation that is under way", async () => {
      const shared = createDeriver(1);
      const [first, second] = [shared.forDocument(), shared.forDocument()];
      const keys = await Promise.all([first.derive(KEY, one), second.derive(KEY, one)]);
      expect(keys[1]).toBe(keys[0]);
      await second.derive(KEY, two);
    });
  });

  it("may do 10 000 unless told otherwise", () => {
    expect(DEFAULT_MAX_DERIVATIONS).toBe(10_000);
  });
});
