import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coerceText } from "../../src/config/coerce.ts";
import type { SchemaNode } from "../../src/config/schema.ts";

const integer: SchemaNode = { type: "integer" };
const boolean: SchemaNode = { type: "boolean" };
const text: SchemaNode = { type: "string" };
const level: SchemaNode = { type: "string", enum: ["DEBUG", "INFO"] };

describe("coerceText", () => {
  test.each<[string, SchemaNode, unknown]>([
    ["8006", integer, 8006],
    [" 8006\n", integer, 8006],
    ["-1", integer, -1],
    ["+7", integer, 7],
    ["", integer, ""],
    ["8006.5", integer, "8006.5"],
    ["1e3", integer, "1e3"],
    ["0x1f", integer, "0x1f"],
    ["99999999999999999999", integer, "99999999999999999999"],
    ["true", boolean, true],
    ["False", boolean, false],
    ["TRUE ", boolean, true],
    ["1", boolean, "1"],
    ["yes", boolean, "yes"],
    ["", boolean, ""],
    ["8006", text, "8006"],
    ["true", text, "true"],
    [" kept ", text, " kept "],
    ["info", level, "INFO"],
    ["Debug ", level, "DEBUG"],
    ["loud", level, "loud"],
    ["8006", { type: ["string", "null"] }, "8006"],
  ])("%j for %j is %j", (word, schema, expected) => {
    expect(coerceText(word, schema)).toBe(expected);
  });

  test("reads every number that a port can have", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65535 }), (port) => {
        expect(coerceText(String(port), integer)).toBe(port);
      }),
    );
  });
});
