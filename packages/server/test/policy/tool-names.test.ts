import { expect, test } from "vitest";
import { TOOL_NAMES } from "../../src/policy/tool-names.ts";
import { TOOLS } from "../../src/tools/index.ts";

test("the plain list of names is that of the tools", () => {
  expect(TOOL_NAMES.toSorted()).toEqual(TOOLS.map(({ name }) => name).toSorted());
});
