import { isProtectionOn } from "@proxmox-mcp/crypto/internal";
import { describe, expect, test } from "vitest";
import { takeEnvironment } from "../src/environment.ts";

test("takeEnvironment leaves no master key behind, and copies everything", () => {
  const original: Record<string, string> = {
    PATH: "/bin",
    PROXMOX_MCP_MASTER_KEY: "a",
    PROXMOX_MCP_MASTER_KEY_DEV: "b",
    TEAM_KEY: "c",
    PROXMOX_MCP_CONFIG: "d",
  };
  const whole = { ...original };
  expect(takeEnvironment(original, "TEAM_KEY")).toEqual(whole);
  expect(original).toEqual({ PATH: "/bin", PROXMOX_MCP_CONFIG: "d" });
});

describe("isProtectionOn", () => {
  test.each([
    ["true", true],
    ["TRUE", true],
    ["1", true],
    ["on ", true],
    ["yes", true],
    ["false", false],
    ["0", false],
    ["no", false],
    ["off", false],
    ["", false],
  ])("%j is %j", (text, expected) => {
    expect(isProtectionOn({ SWITCH: text }, "SWITCH")).toBe(expected);
  });

  test("is off where it is not set", () => {
    expect(isProtectionOn({}, "SWITCH")).toBe(false);
  });

  test.each(["ture", "2", "enabled"])("%j is an error", (text) => {
    expect(() => isProtectionOn({ SWITCH: text }, "SWITCH")).toThrow(/neither true nor false/);
  });
});
