/**
 * The salt of a sealer, drawn or given. No sealer is made while this file loads: what goes wrong in
 * making one fails a test here.
 */
import { describe, expect, it } from "vitest";
import { createDeriver, startDerivation } from "../src/key/derive.ts";
import { MasterKey } from "../src/key/master-key.ts";
import { createSealer, type SealerOptions } from "../src/secret.ts";
import { parseToken, saltOf } from "../src/token.ts";

const HERE = "/auth/token_value";
const GIVEN = Buffer.alloc(16, 7);

/** What a sealer is made of, and the sizes that are drawn for it. */
function ingredients(): { options: SealerOptions; drawn: number[] } {
  const drawn: number[] = [];
  const random = (size: number): Buffer => {
    drawn.push(size);
    return Buffer.alloc(size, 9);
  };
  const key = new MasterKey(Buffer.alloc(32, 200));
  return { options: { key, random, now: () => new Date("2024-03-02T01:00:00Z") }, drawn };
}

describe.each([true, false])("a sealer, bound: %j,", (bound) => {
  it("takes the salt that is given, and draws none", async () => {
    const { options, drawn } = ingredients();
    const token = await createSealer({ ...options, bound, salt: GIVEN }).seal("value", HERE);
    expect(parseToken(token).salt).toEqual(saltOf(GIVEN, bound));
    // The nonce of a bound token, the IV of an unbound one.
    expect(drawn).toEqual([bound ? 8 : 16]);
  });

  it("draws its salt where none is given, and opens what it sealed", async () => {
    const { options, drawn } = ingredients();
    const sealer = createSealer({ ...options, bound });
    expect(drawn).toEqual([16]);
    const token = await sealer.seal("value", HERE);
    expect(parseToken(token).salt).toEqual(saltOf(Buffer.alloc(16, 9), bound));
    expect(await sealer.opener.open(token, HERE)).toMatchObject({
      plaintext: "value",
      keyId: options.key.id,
    });
  });

  it("seals with the derivation that was begun for the salt it is given", async () => {
    const { options } = ingredients();
    const started = startDerivation(options.key.bytes, saltOf(GIVEN, bound));
    const taken: Promise<Buffer>[] = [];
    const single = createDeriver(1, started);
    const deriver = {
      ...single,
      derive: (key: MasterKey, salt: Uint8Array): Promise<Buffer> => {
        const derived = single.derive(key, salt);
        taken.push(derived);
        return derived;
      },
    };
    await createSealer({ ...options, bound, salt: GIVEN, deriver }).seal("value", HERE);
    expect(await Promise.all(taken)).toEqual([await started.derived]);
    expect(await taken[0]).toBe(await started.derived);
  });
});
