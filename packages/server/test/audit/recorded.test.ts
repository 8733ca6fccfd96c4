import { expect, test } from "vitest";
import { TOOLS } from "../../src/tools/index.ts";

test.each(TOOLS.map((tool) => [tool.name, tool] as const))(
  "the arguments of %s that are recorded are its own, and can be no secret",
  (_, { recorded, input }) => {
    expect(Object.keys(input.shape)).toEqual(expect.arrayContaining([...recorded]));
    for (const name of recorded) {
      expect(name).not.toMatch(/pass|secret|token|key|command|description|note|env|cursor/i);
    }
  },
);
