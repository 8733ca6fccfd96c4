import { describe, expect, it } from "vitest";
import { isOn, isProtectionOn } from "../src/switch.ts";
import { refusal } from "./refusal.ts";

describe("isOn", () => {
  it.each(["1", "true", "TRUE", "yes", "on", " true "])("takes %j for a yes", (text) => {
    expect(isOn(text)).toBe(true);
  });

  it.each([undefined, "", "0", "false", "no", "off", "maybe", "truely"])(
    "takes %j for a no",
    (text) => {
      expect(isOn(text)).toBe(false);
    },
  );
});

describe("isProtectionOn", () => {
  it.each([
    ["true", true],
    [" ON ", true],
    ["false", false],
    ["0", false],
    ["", false],
  ])("reads %j as %s", (text, expected) => {
    expect(isProtectionOn({ SWITCH: text }, "SWITCH")).toBe(expected);
  });

  it("is off where the variable is not set", () => {
    expect(isProtectionOn({}, "SWITCH")).toBe(false);
    expect(isProtectionOn({}, "toString")).toBe(false);
    expect(isProtectionOn({ SWITCH: undefined }, "SWITCH")).toBe(false);
  });

  it.each(["yup", "ture", "2"])("refuses %j: a mistyped yes must not be a no", async (text) => {
    const error = await refusal("USAGE", () => isProtectionOn({ SWITCH: text }, "SWITCH"));
    expect(error.message).toContain("SWITCH is neither true nor false");
  });
});
