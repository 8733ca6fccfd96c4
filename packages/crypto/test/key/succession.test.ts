import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyKey, formatKeyText, type KeyText, parseKeyText } from "../../src/key/key-text.ts";
import type { MasterKey } from "../../src/key/master-key.ts";
import { activeAlone, holdsKey, switchedTo, withSuccessor } from "../../src/key/succession.ts";
import { exampleKey, keysOf } from "../material.ts";

const [A, B, C, D] = ["a", "b", "c", "d"].map(exampleKey) as [
  MasterKey,
  MasterKey,
  MasterKey,
  MasterKey,
];
const NAMES = new Map([A, B, C, D].map((key, index) => [key.reveal(), "abcd".charAt(index)]));

/** A key text as one line: `a next:b c`. */
function line(keys: KeyText): string {
  return formatKeyText(keys)
    .trim()
    .split("\n")
    .map((word) => word.replace(/(?<=^|:)[^:]+$/, (key) => NAMES.get(key) ?? "?"))
    .join(" ");
}

const successorOf = (
  active: MasterKey,
  successor: MasterKey,
  ...retired: MasterKey[]
): KeyText => ({
  active,
  successor,
  retired,
});

describe("a successor that begins to wait", () => {
  it.each<[string, KeyText, MasterKey, string]>([
    ["beside a single key", keysOf(A), B, "a next:b"],
    ["before the retired ones", keysOf(A, C, D), B, "a next:b c d"],
    ["once more, which changes nothing", successorOf(A, B, C), B, "a next:b c"],
    ["after it was retired, and is there once", keysOf(A, C, B, D), B, "a next:b c d"],
  ])("stands %s", (_, keys, next, expected) => {
    expect(line(withSuccessor(keys, next))).toBe(expected);
  });

  it("is never a second one, nor the active key", () => {
    const second = new TypeError("another successor is waiting already");
    const itself = new TypeError("the active key cannot succeed itself");
    expect(() => withSuccessor(successorOf(A, B), C)).toThrow(second);
    expect(() => withSuccessor(keysOf(A, B), A)).toThrow(itself);
    expect(() => withSuccessor(successorOf(A, B), A)).toThrow(itself);
  });
});

describe("the switch to another key", () => {
  it.each<[string, KeyText, MasterKey, string]>([
    ["its successor", successorOf(A, B, C), B, "b a c"],
    ["a key from elsewhere, and retires the one that waited", successorOf(A, B, C), D, "d a b c"],
    ["a retired key", keysOf(A, C, B, D), B, "b a c d"],
    ["itself, which retires the one that waited", successorOf(A, B, C), A, "a b c"],
    ["itself alone", keysOf(A), A, "a"],
  ])("leads to %s", (_, keys, next, expected) => {
    expect(line(switchedTo(keys, next))).toBe(expected);
  });
});

it("the active key alone is what is left when all others go", () => {
  expect(line(activeAlone(successorOf(A, B, C, D)))).toBe("a");
});

it("a key is held in any role, and told by its bytes", () => {
  const keys = successorOf(A, B, C);
  expect([A, B, C, D].map((key) => holdsKey(keys, key))).toEqual([true, true, true, false]);
  expect(holdsKey(keys, exampleKey("c"))).toBe(true);
});

describe("whatever steps are taken", () => {
  const key = fc.nat({ max: 9 }).map((number) => exampleKey(`number ${number}`));
  const step = fc.tuple(fc.constantFrom("wait", "switch"), key);

  it("no key is ever lost, and each text reads back as it was written", () => {
    fc.assert(
      fc.property(key, fc.array(step, { maxLength: 12 }), (first, steps) => {
        let keys = keysOf(first);
        const seen = [first];
        for (const [kind, next] of steps) {
          const { active, successor } = keys;
          if (kind === "switch") keys = switchedTo(keys, next);
          else if (active.equals(next) || !(successor?.equals(next) ?? true)) continue;
          else keys = withSuccessor(keys, next);
          seen.push(next);
          expect(seen.every((known) => holdsKey(keys, known))).toBe(true);
          // The parser refuses a key that is there twice.
          const again = parseKeyText(formatKeyText(keys));
          expect(formatKeyText(again)).toBe(formatKeyText(keys));
          expect(everyKey(again)).toHaveLength(new Set(seen.map(({ id }) => id)).size);
          expect(again.active.equals(keys.active)).toBe(true);
        }
        expect(everyKey(activeAlone(keys))).toEqual([keys.active]);
      }),
    );
  });
});
