import { type KeyText, MasterKey } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import { type Phase, phaseOf } from "../src/phase.ts";

const [one, two, three] = [1, 2, 3].map((byte) => new MasterKey(Buffer.alloc(32, byte)));
if (one === undefined || two === undefined || three === undefined)
  throw new TypeError("three keys");

function keyText(active: MasterKey, successor: MasterKey | undefined, ...retired: MasterKey[]) {
  return { active, successor, retired } satisfies KeyText;
}

describe("the phase of a change of keys", () => {
  test.each<[Phase, KeyText, readonly MasterKey[]]>([
    ["settled", keyText(one, undefined), []],
    ["settled", keyText(one, undefined), [one]],
    ["prepared", keyText(one, two), []],
    ["prepared", keyText(one, two), [one]],
    ["prepared", keyText(one, two, three), [one, three]],
    ["switching", keyText(one, two), [one, two]],
    ["switching", keyText(one, two, three), [two, three]],
    ["switched", keyText(one, two), [two]],
    ["switched", keyText(one, two, three), [two]],
    ["behind", keyText(two, undefined, one), [one, two]],
    ["behind", keyText(two, undefined, one), [one]],
    ["rotated", keyText(two, undefined, one), [two]],
    ["rotated", keyText(two, undefined, one), []],
  ])("is %s", (phase, keys, used) => {
    expect(phaseOf(keys, new Set(used.map(({ id }) => id)))).toBe(phase);
  });
});
