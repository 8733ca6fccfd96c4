/**
 * Derivations that begin before anybody asks for them. No key and no deriver is made while this file
 * loads: what goes wrong in making them fails a test here.
 */
import { createHook } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { createDeriver, startDerivation } from "../../src/key/derive.ts";
import { MasterKey } from "../../src/key/master-key.ts";
import { refusal } from "../refusal.ts";

const SALT = Buffer.alloc(16, 1);
const OTHER_SALT = Buffer.alloc(16, 2);

const keyOf = (byte: number): MasterKey => new MasterKey(Buffer.alloc(32, byte));

/** How many derivations are begun by the time the call returns, as Node counts its own work. */
function begunBy(run: () => unknown): number {
  let count = 0;
  const hook = createHook({
    init: (_, type) => {
      if (type === "PBKDF2REQUEST") count += 1;
    },
  }).enable();
  try {
    run();
  } finally {
    hook.disable();
  }
  return count;
}

describe("a derivation that is prepared", () => {
  it("begins at once, and no second one does when it is asked for", async () => {
    const [key, deriver] = [keyOf(200), createDeriver()];
    expect(begunBy(() => deriver.prepare(key, SALT))).toBe(1);
    const asked: Promise<Buffer>[] = [];
    expect(begunBy(() => asked.push(deriver.derive(key, SALT)))).toBe(0);
    expect(begunBy(() => asked.push(createDeriver().derive(key, SALT)))).toBe(1);
    const [early, late] = await Promise.all(asked);
    expect(early).toEqual(late);
  });

  it("begins once, however often it is prepared, before it is asked for and after", async () => {
    const [key, deriver] = [keyOf(200), createDeriver()];
    deriver.prepare(key, SALT);
    expect(begunBy(() => deriver.prepare(new MasterKey(key.bytes), Buffer.from(SALT)))).toBe(0);
    const early = await deriver.derive(key, SALT);
    expect(begunBy(() => deriver.prepare(key, SALT))).toBe(0);
    expect(await deriver.derive(key, SALT)).toBe(early);
  });

  it("counts once it is asked for", async () => {
    const [key, deriver] = [keyOf(200), createDeriver(1)];
    deriver.prepare(key, SALT);
    await deriver.derive(key, OTHER_SALT);
    await refusal("TOO_MANY_DERIVATIONS", () => deriver.derive(key, SALT));
  });

  it("is kept apart from that of another key, or another salt", async () => {
    const [key, other, deriver] = [keyOf(200), keyOf(201), createDeriver()];
    deriver.prepare(other, SALT);
    expect(await deriver.derive(key, SALT)).toEqual(await createDeriver().derive(key, SALT));
    deriver.prepare(other, OTHER_SALT);
    const found = await deriver.derive(other, SALT);
    expect(found).toEqual(await createDeriver().derive(other, SALT));
  });
});

describe("a derivation that was begun before its deriver was made", () => {
  it("is taken, and counts once it is asked for", async () => {
    const key = keyOf(200);
    const started = startDerivation(key.bytes, SALT);
    const deriver = createDeriver(1, started);
    const asked: Promise<Buffer>[] = [];
    expect(begunBy(() => asked.push(deriver.derive(key, SALT)))).toBe(0);
    expect(await asked[0]).toBe(await started.derived);
    expect(await started.derived).toEqual(await createDeriver().derive(key, SALT));
    await refusal("TOO_MANY_DERIVATIONS", () => deriver.derive(key, OTHER_SALT));
  });

  it("is left alone where it is that of another key or another salt", async () => {
    const key = keyOf(200);
    const expected = await createDeriver().derive(key, SALT);
    for (const started of [
      startDerivation(keyOf(201).bytes, SALT),
      startDerivation(key.bytes, OTHER_SALT),
      startDerivation(key.bytes, Buffer.alloc(17, 1)),
    ]) {
      expect(await createDeriver(1, started).derive(key, SALT)).toEqual(expected);
    }
  });
});
