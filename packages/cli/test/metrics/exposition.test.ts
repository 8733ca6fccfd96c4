import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expositionOf } from "../../src/metrics/exposition.ts";
import { parseExposition } from "./parse-exposition.ts";

describe("the text of metrics", () => {
  test("has help, type and samples, and ends with a line feed", () => {
    const text = expositionOf([
      { name: "a", help: "One.", samples: [{ value: 1 }] },
      {
        name: "b_seconds",
        help: "Two.",
        samples: [
          { labels: { file: "x", state: "y" }, value: 0.5 },
          { labels: { file: "z", state: "y" }, value: 2 },
        ],
      },
    ]);
    expect(text).toBe(
      [
        "# HELP a One.",
        "# TYPE a gauge",
        "a 1",
        "# HELP b_seconds Two.",
        "# TYPE b_seconds gauge",
        'b_seconds{file="x",state="y"} 0.5',
        'b_seconds{file="z",state="y"} 2',
        "",
      ].join("\n"),
    );
  });

  test("leaves out a metric without samples, and a second sample of a series", () => {
    const samples = [
      { labels: { file: "a" }, value: 1 },
      { labels: { file: "a" }, value: 2 },
    ];
    const text = expositionOf([
      { name: "none", help: "None.", samples: [] },
      { name: "a", help: "One.", samples },
    ]);
    expect(text).toBe('# HELP a One.\n# TYPE a gauge\na{file="a"} 1\n');
  });

  test.each([
    ['quo"te', 'quo\\"te'],
    ["back\\slash", "back\\\\slash"],
    ["line\nfeed", "line\\\\u000afeed"],
    ["\u001b[31m", "\\\\u001b[31m"],
    ["ä b,c={}", "ä b,c={}"],
  ])("spells the label %j as %s", (value, spelled) => {
    const text = expositionOf([
      { name: "a", help: "x", samples: [{ labels: { l: value }, value: 1 }] },
    ]);
    expect(text).toContain(`a{l="${spelled}"} 1\n`);
  });

  test("of any labels and help is read back, line by line", () => {
    const anything = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.array(anything), anything, (values, help) => {
        const samples = values.map((value, index) => ({ labels: { l: value }, value: index }));
        const series = parseExposition(expositionOf([{ name: "a", help, samples }]));
        expect(series.size).toBeLessThanOrEqual(values.length);
        expect(series.size > 0).toBe(values.length > 0);
      }),
    );
  });
});
