import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  equalKeyTexts,
  everyKey,
  formatKeyText,
  type KeyText,
  parseKeyText,
} from "../../src/key/key-text.ts";
import { MasterKey } from "../../src/key/master-key.ts";
import { exampleKey, WEAK_KEY } from "../material.ts";
import { refusal } from "../refusal.ts";

const [ONE, TWO, THREE, FOUR] = ["one", "two", "three", "four"].map(exampleKey) as [
  MasterKey,
  MasterKey,
  MasterKey,
  MasterKey,
];
const [A, B, C] = [ONE.reveal(), TWO.reveal(), THREE.reveal()];

/** Which keys a text holds, by their bytes. */
function read(text: string): { active: string; successor: string | undefined; retired: string[] } {
  const { active, successor, retired } = parseKeyText(text);
  return {
    active: active.reveal(),
    successor: successor?.reveal(),
    retired: retired.map((key) => key.reveal()),
  };
}

/**
 * The Python reader: it drops every character outside the alphabet, and stops where padding
 * completes a group of four.
 */
function pythonReads(text: string): Buffer {
  let taken = "";
  let pads = 0;
  for (const character of text.replaceAll("-", "+").replaceAll("_", "/")) {
    if (character === "=") {
      pads += 1;
      if (taken.length % 4 >= 2 && (taken.length % 4) + pads >= 4) break;
    } else if (/[A-Za-z0-9+/]/.test(character)) {
      taken += character;
      pads = 0;
    }
  }
  return Buffer.from(taken, "base64");
}

const strongKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => new MasterKey(bytes));
const anyKey = fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => new MasterKey(bytes));
const keyText: fc.Arbitrary<KeyText> = fc
  .uniqueArray(fc.tuple(strongKey, anyKey), {
    minLength: 1,
    maxLength: 5,
    comparator: ([a, x], [b, y]) => [a, x].some((one) => [b, y].some((other) => one.equals(other))),
  })
  .chain((pairs) => fc.tuple(fc.constant(pairs), fc.boolean()))
  .map(([pairs, hasSuccessor]) => {
    const [first, second, ...rest] = pairs;
    const others = rest.map(([, any]) => any);
    const active = first?.[0] ?? ONE;
    if (second === undefined) return { active, successor: undefined, retired: others };
    return hasSuccessor
      ? { active, successor: second[0], retired: others }
      : { active, successor: undefined, retired: [second[1], ...others] };
  });

describe("a key text", () => {
  it("reads back as it was written", () => {
    fc.assert(
      fc.property(keyText, (keys) => {
        const again = parseKeyText(formatKeyText(keys));
        expect(everyKey(again).map((key) => key.reveal())).toEqual(
          everyKey(keys).map((key) => key.reveal()),
        );
        expect(again.successor?.reveal()).toBe(keys.successor?.reveal());
        expect(again.active.equals(keys.active)).toBe(true);
      }),
    );
  });

  it("gives the Python reader its active key, whatever follows", () => {
    fc.assert(
      fc.property(keyText, (keys) => {
        expect(pythonReads(formatKeyText(keys))).toEqual(keys.active.bytes);
      }),
    );
  });

  it("is written padded, one key a line, the active one first and the successor marked", () => {
    expect(formatKeyText({ active: ONE, successor: undefined, retired: [] })).toBe(`${A}\n`);
    expect(formatKeyText({ active: ONE, successor: TWO, retired: [THREE] })).toBe(
      `${A}\nnext:${B}\n${C}\n`,
    );
  });

  it.each([
    ["one key", A, { active: A, successor: undefined, retired: [] }],
    ["a key and a line feed", `${A}\n`, { active: A, successor: undefined, retired: [] }],
    ["a byte order mark", `\uFEFF${A}\n`, { active: A, successor: undefined, retired: [] }],
    ["Windows line ends", `${A}\r\nnext:${B}\r\n`, { active: A, successor: B, retired: [] }],
    ["old line ends", `${A}\r${B}\r`, { active: A, successor: undefined, retired: [B] }],
    ["spaces and tabs", ` ${A} \t${B} `, { active: A, successor: undefined, retired: [B] }],
    ["blank lines", `\n\n${A}\n\n\n${B}\n`, { active: A, successor: undefined, retired: [B] }],
    [
      "retired keys in order",
      `${A} ${B} ${C}`,
      { active: A, successor: undefined, retired: [B, C] },
    ],
    ["a successor in the middle", `${A} next:${B} ${C}`, { active: A, successor: B, retired: [C] }],
    ["a successor last", `${A} ${C} next:${B}`, { active: A, successor: B, retired: [C] }],
    [
      "a comment after a key",
      `${A} # mine\n${B}`,
      { active: A, successor: undefined, retired: [B] },
    ],
    [
      "a comment right after a tab",
      `${A}\t#mine`,
      { active: A, successor: undefined, retired: [] },
    ],
    [
      "a line of comment",
      `${A}\n# old: ${C}\n${B}`,
      { active: A, successor: undefined, retired: [B] },
    ],
    [
      "an indented comment",
      `${A}\n  # ${C} # twice\n`,
      { active: A, successor: undefined, retired: [] },
    ],
    ["other spellings", A.replace("=", ""), { active: A, successor: undefined, retired: [] }],
  ])("may have %s", (_, text, keys) => {
    expect(read(text)).toEqual(keys);
  });

  it.each([
    ["nothing", "", "KEY_EMPTY", undefined, /^the key text is empty$/],
    ["white space", " \n\t\n", "KEY_EMPTY", undefined, /^the key text is empty$/],
    ["a comment first", `# mine\n${A}`, "KEY_INVALID", 1, /comment before the first key/],
    [
      "an indented comment first",
      `\n \t# mine\n${A}`,
      "KEY_INVALID",
      2,
      /comment before the first key/,
    ],
    ["a comment alone", "# mine", "KEY_INVALID", 1, /comment before the first key/],
    ["a comment that touches a key", `${A}# mine`, "KEY_INVALID", 1, /padding in its middle/],
    ["a successor first", `next:${A}\n${B}`, "KEY_INVALID", 1, /active key comes first/],
    ["a successor alone", `\nnext:${A}`, "KEY_INVALID", 2, /active key comes first/],
    ["two successors", `${A}\nnext:${B}\nnext:${C}`, "KEY_INVALID", 3, /two `next:` keys/],
    ["an empty successor", `${A}\nnext: ${B}`, "KEY_EMPTY", 2, /the master key is empty/],
    ["a capital marker", `${A}\nNext:${B}`, "KEY_INVALID", 2, /base64url does not have/],
    ["a bad key", `${A}\n${B}\nwhat?`, "KEY_INVALID", 3, /base64url does not have/],
    ["quotes", `"${A}"`, "KEY_INVALID", 1, /quotes/],
    ["keys glued together", `${A}${B}`, "KEY_INVALID", 1, /glued together/],
    [
      "a key twice",
      `${A}\n${B}\n${A}`,
      "KEY_DUPLICATE",
      3,
      /same master key twice, first in line 1/,
    ],
    ["a retired key twice", `${A}\n\n${B}\n${B}`, "KEY_DUPLICATE", 4, /twice, first in line 3/],
    ["its own successor", `${A}\nnext:${A}`, "KEY_DUPLICATE", 2, /twice, first in line 1/],
    ["a key twice in two spellings", `${A} ${A.replace("=", "")}`, "KEY_DUPLICATE", 1, /line 1/],
    ["a retired successor", `${A}\n${B}\nnext:${B}`, "KEY_DUPLICATE", 3, /twice, first in line 2/],
  ] as const)("must not hold %s", async (_, text, code, line, trouble) => {
    const error = await refusal(code, () => parseKeyText(text));
    expect(error.message).toMatch(trouble);
    expect(error.where).toEqual(line === undefined ? {} : { line });
    expect(error.hint).toMatch(/generate-key|one key a line|remove one of the two/);
    for (const key of [A, B, C])
      expect(`${error.message} ${error.hint}`).not.toContain(key.slice(0, 8));
  });

  it("may hold weak keys, which only open", () => {
    expect(parseKeyText(WEAK_KEY.reveal()).active.weakness).toBeDefined();
  });
});

describe("every key", () => {
  it("comes in the order in which a value is tried", () => {
    const keys = { active: ONE, successor: TWO, retired: [THREE, FOUR] };
    expect(everyKey(keys)).toEqual([ONE, TWO, THREE, FOUR]);
    expect(everyKey({ ...keys, successor: undefined })).toEqual([ONE, THREE, FOUR]);
  });
});

describe("two key texts", () => {
  const keys: KeyText = { active: ONE, successor: TWO, retired: [THREE, FOUR] };

  it("are equal where the same keys stand in the same roles, however they are written", () => {
    expect(equalKeyTexts(keys, parseKeyText(formatKeyText(keys)))).toBe(true);
    const written = `${A.replace("=", "")} # mine\n${C}\tnext:${B}\r\n${FOUR.reveal()}`;
    expect(equalKeyTexts(parseKeyText(written), keys)).toBe(true);
  });

  it.each<[string, Partial<KeyText>]>([
    ["another active key", { active: exampleKey("five") }],
    ["no successor", { successor: undefined }],
    ["another successor", { successor: exampleKey("five") }],
    ["a successor that is retired", { successor: undefined, retired: [TWO, THREE, FOUR] }],
    ["the retired keys in another order", { retired: [FOUR, THREE] }],
    ["a retired key less", { retired: [THREE] }],
    ["a retired key more", { retired: [THREE, FOUR, exampleKey("five")] }],
  ])("differ where one has %s", (_, change) => {
    const other = { ...keys, ...change };
    expect([equalKeyTexts(keys, other), equalKeyTexts(other, keys)]).toEqual([false, false]);
  });
});
