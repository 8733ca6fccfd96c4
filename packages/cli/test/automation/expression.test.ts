/** The interpreter of the proofs: what it does not know it refuses, so that no mistake passes for success. */
import { describe, expect, it } from "vitest";
import { evaluate, fillIn, holds, type Scope } from "./github/expression.ts";

const SCOPE: Scope = {
  contexts: {
    inputs: { names: { action: "", paths: null, confirm: false } },
    vars: { names: { PLACE: "configs" }, others: "" },
    needs: {
      names: {
        one: { names: { result: "success" } },
        two: { names: { result: "failure" } },
      },
    },
  },
  status: { success: false, failure: true, cancelled: false, always: true },
};

describe("an expression", () => {
  it.each([
    ["inputs.action || (vars.PLACE == 'CONFIGS' && 'auto') || 'continue'", "auto"],
    ["inputs.paths != '' || vars.OTHER != ''", false],
    ["contains(needs.*.result, 'failure')", true],
    ["!(inputs.confirm || false)", true],
    ["vars['PLACE']", "configs"],
    ["format('{0} of {1}', 'two', vars.PLACE)", "two of configs"],
    ["'it''s'", "it's"],
  ])("%s", (text, value) => {
    expect(evaluate(text, SCOPE)).toBe(value);
  });

  it.each([
    ["a name that nobody gave", "inputs.actoin"],
    ["a context that is not there", "secrets.KEY"],
    ["a function that nobody plays", "hashFiles('x')"],
    ["what is left behind its end", "true false"],
    ["what is no token", "vars.PLACE ; 1"],
  ])("%s is refused", (_, text) => {
    expect(() => evaluate(text, SCOPE)).toThrow(SyntaxError);
  });

  it("is filled into a text, where null is empty", () => {
    expect(fillIn("<${{ inputs.paths }}|${{ vars.PLACE }}>", SCOPE)).toBe("<|configs>");
  });
});

describe("an if", () => {
  it.each([
    [undefined, false],
    ["vars.PLACE != ''", false],
    ["always() && vars.PLACE != ''", true],
    ["${{ failure() }}", true],
  ])("%s", (condition, result) => {
    expect(holds(condition, SCOPE)).toBe(result);
  });

  it("is refused where a text around the braces makes it true for ever", () => {
    expect(() => holds("${{ false }} == true", SCOPE)).toThrow(SyntaxError);
  });
});
