import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandText } from "../../src/config/expand.ts";

const env = {
  HOST: "pve.example",
  EMPTY: "",
  NESTED: "${HOST}",
  DOLLAR: "$",
  undefined: undefined,
};

describe("expandText", () => {
  test.each([
    ["plain", "plain"],
    ["", ""],
    ["$HOST and $ stay", "$HOST and $ stay"],
    ["${HOST}", "pve.example"],
    ["https://${HOST}:${PORT:-8006}/", "https://pve.example:8006/"],
    ["${EMPTY}", ""],
    ["${EMPTY:-filled}", "filled"],
    ["${HOST:-unused}", "pve.example"],
    ["${HOST:?unused}", "pve.example"],
    ["${MISSING:-}", ""],
    ["${MISSING:-a:b$c}", "a:b$c"],
    ["$${HOST}", "$pve.example"],
    ["${HOST}}", "pve.example}"],
    ["${NESTED}", "${HOST}"],
    ["${DOLLAR}{HOST}", "${HOST}"],
  ])("%s becomes %s", (text, expected) => {
    const { text: expanded, problems } = expandText(text, { env });
    expect(problems).toEqual([]);
    expect(expanded).toBe(expected);
  });

  test.each([
    ["${MISSING}", "VARIABLE_MISSING", "the variable MISSING is not set"],
    [
      "${MISSING:?set it first}",
      "VARIABLE_MISSING",
      "the variable MISSING is not set: set it first",
    ],
    ["${EMPTY:?}", "VARIABLE_MISSING", "the variable EMPTY is not set"],
    ["${undefined}", "VARIABLE_MISSING", "the variable undefined is not set"],
    ["${toString}", "VARIABLE_MISSING", "the variable toString is not set"],
    ["${__proto__}", "VARIABLE_MISSING", "the variable __proto__ is not set"],
    ["${PROXMOX_MCP_MASTER_KEY}", "VARIABLE_FORBIDDEN", "the variable PROXMOX_MCP_MASTER_KEY "],
    ["${PROXMOX_MCP_CONFIG:-x}", "VARIABLE_FORBIDDEN", "the variable PROXMOX_MCP_CONFIG "],
    ["${proxmox_mcp_master_key}", "VARIABLE_FORBIDDEN", "the variable proxmox_mcp_master_key "],
    ["${CREDENTIALS_DIRECTORY}", "VARIABLE_FORBIDDEN", "the variable CREDENTIALS_DIRECTORY "],
    ["${TEAM_KEY}", "VARIABLE_FORBIDDEN", "the variable TEAM_KEY "],
    ["${", "PLACEHOLDER", "a `${` begins no placeholder"],
    ["${}", "PLACEHOLDER", "a `${` begins no placeholder"],
    ["${1A}", "PLACEHOLDER", "a `${` begins no placeholder"],
    ["${A B}", "PLACEHOLDER", "a `${` begins no placeholder"],
    ["${HOST", "PLACEHOLDER", "a `${` begins no placeholder"],
    ["${HOST:=x}", "PLACEHOLDER", "a `${` begins no placeholder"],
    ["${HOST-x}", "PLACEHOLDER", "a `${` begins no placeholder"],
  ])("%s is refused: %s", (text, code, message) => {
    const { problems } = expandText(text, { env, keyVariables: ["TEAM_KEY"] });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.code).toBe(code);
    expect(problems[0]?.message).toContain(message);
  });

  test("placeholders do not nest", () => {
    const { problems } = expandText("${MISSING:-${HOST}}", { env });
    expect(problems.map(({ code }) => code)).toEqual(["PLACEHOLDER"]);
  });

  test("every problem of a string is reported", () => {
    const { problems } = expandText("${A}-${B}-${", { env });
    expect(problems.map(({ code }) => code)).toEqual([
      "VARIABLE_MISSING",
      "VARIABLE_MISSING",
      "PLACEHOLDER",
    ]);
  });

  test("a problem that a string has many times is reported once", () => {
    const { problems, text } = expandText("${".repeat(60_000) + "${A}".repeat(1_000), { env });
    expect(problems.map(({ code }) => code)).toEqual(["PLACEHOLDER", "VARIABLE_MISSING"]);
    expect(text).toHaveLength(124_000);
  });

  test("tells a string that is wholly one variable from one that is not", () => {
    expect(expandText("${HOST}", { env }).wholly).toBe("HOST");
    expect(expandText("${HOST:-x}", { env }).wholly).toBe("HOST");
    expect(expandText(" ${HOST}", { env }).wholly).toBeUndefined();
    expect(expandText("${HOST}${HOST}", { env }).wholly).toBeUndefined();
    expect(expandText("${MISSING:-x}", { env })).toMatchObject({ single: true, defaulted: true });
    expect(expandText("${MISSING:-x}", { env }).wholly).toBeUndefined();
  });

  test("text without an opening stays as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(!text.includes("${"));
        expect(expandText(text, { env }).text).toBe(text);
      }),
    );
  });

  test("a value goes in as it is, whatever it holds, and never into a problem", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, tail) => {
        fc.pre(!tail.includes("${") && value.length > 3);
        const { text } = expandText(`\${V}${tail}`, { env: { V: value } });
        expect(text).toBe(value + tail);
        const { problems } = expandText("${V}${MISSING}${", { env: { V: `marked-${value}` } });
        for (const problem of problems) {
          expect(`${problem.message} ${problem.hint}`).not.toContain(`marked-${value}`);
        }
      }),
    );
  });
});
