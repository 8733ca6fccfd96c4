import { describe, expect, it } from "vitest";
import { lastWords } from "../../src/files/last-words.ts";
import { formatKeyText } from "../../src/key/key-text.ts";
import { MasterKey } from "../../src/key/master-key.ts";
import { exampleKey, keysOf } from "../material.ts";

const KEYS = keysOf(exampleKey("one"), exampleKey("two"));
const TEXT = formatKeyText(KEYS);

describe("lastWords", () => {
  it.each([
    ["", undefined],
    [" \n\r\n\t", undefined],
    ["HTTP 404", "It said: HTTP 404"],
    ["one\ntwo\n\n", "It said: two"],
    ["10 %\r20 %\r", "It said: 20 %"],
    ["permission denied.\n", "It said: permission denied"],
    ["\u001b[31merror:\u001b[0m no\u0007", "It said: error: no"],
    [
      "see https://api.github.com/repos/acme/infra/actions/secrets/PROXMOX_MCP_MASTER_KEY",
      "It said: see https://api.github.com/repos/acme/infra/actions/secrets/PROXMOX_MCP_MASTER_KEY",
    ],
    ["bad token ghp_16C7e42F292c6912E7710c838347Ae178B4a", "It said: bad token [hidden]"],
    ["bad token hvs.CAESIJ7Pd3qkQm0v1ZbN2x", "It said: bad token hvs.[hidden]"],
    ["request 9f86d081884c7d659a2feaa0c55ad015 failed", "It said: request [hidden] failed"],
    ["word ".repeat(99), `It said: ${"word ".repeat(99).slice(0, 200)}…`],
  ])("of %j", (complaint, words) => {
    expect(lastWords(complaint, KEYS)).toBe(words);
  });

  const notShown = "What it said is not shown: it holds a part of a key";
  it.each([0, 1, 2, 3, 20, 35])(
    "never shows eight characters of a key, from the %dth on",
    (start) => {
      for (const key of [KEYS.active, ...KEYS.retired]) {
        for (const encoding of ["base64", "base64url", "hex"] as const) {
          const part = key.bytes.toString(encoding).slice(start, start + 8);
          expect(lastWords(`cannot store ${part} there`, KEYS)).toBe(notShown);
          expect(lastWords(`cannot store x${part.toUpperCase()}`, KEYS)).toBe(notShown);
        }
      }
    },
  );

  it.each([0, 1, 2, 3, 4, 5])("finds the key text in base64 behind %d characters", (count) => {
    const encoded = Buffer.from(`${'{"x":"'.slice(0, count)}${TEXT}"}`).toString("base64");
    expect(lastWords(encoded.slice(40, 60), KEYS)).toBe(notShown);
  });

  it("looks at a long line before it cuts it", () => {
    const line = `${"word ".repeat(39)}${TEXT.slice(0, 12)}`;
    expect(lastWords(line, KEYS)).toBe(notShown);
  });

  it("shows what it can beside a key that is too short to be told from other text", () => {
    const short = keysOf(new MasterKey(Buffer.from("ab")));
    expect(lastWords("HTTP 404", short)).toBe("It said: HTTP 404");
  });
});
