import { describe, expect, test } from "vitest";
import { formatAge, parseDuration } from "../src/duration.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a duration", () => {
  test.each([
    ["0m", 0],
    ["30m", 30 * MINUTE],
    ["12h", 12 * HOUR],
    ["1d", DAY],
    ["90d", 90 * DAY],
    ["8w", 56 * DAY],
    ["999999w", 999_999 * 7 * DAY],
  ])("%s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each([
    "",
    "d",
    "90",
    "90 d",
    "9.5d",
    "-1d",
    "+1d",
    "1e3d",
    "90D",
    "1y",
    "1000000d",
    "90d1h",
    " 1d",
    "1d\n",
  ])("is not %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("an age", () => {
  test.each([
    [-DAY, "0m"],
    [0, "0m"],
    [MINUTE - 1, "0m"],
    [MINUTE, "1m"],
    [HOUR - 1, "59m"],
    [HOUR, "1h"],
    [DAY - 1, "23h"],
    [DAY, "1d"],
    [400 * DAY, "400d"],
  ])("of %d ms is %s", (milliseconds, text) => {
    expect(formatAge(milliseconds)).toBe(text);
  });
});
