import { describe, expect, it } from "vitest";
import { formatOf } from "../../src/document/format.ts";

describe("the format of a file", () => {
  it.each([
    ["config.json", "json"],
    ["/etc/proxmox/CONFIG.JSON", "json"],
    ["config.encrypted.json", "json"],
    ["config.json.backup.20250101_000000", "json"],
    ["a.env/config.yaml", "yaml"],
    ["config.yml", "yaml"],
    ["C:\\proxmox\\config.yml", "yaml"],
    ["config.encrypted.yaml.backup.20251231_235959", "yaml"],
    [".env", "dotenv"],
    ["dir/.env", "dotenv"],
    [".env.production", "dotenv"],
    [".env.encrypted", "dotenv"],
    [".env.backup.20250101_000000", "dotenv"],
    ["gateway.env", "dotenv"],
    ["gateway.encrypted.env", "dotenv"],
  ])("follows the name %s", (name, format) => {
    expect(formatOf(name, "{")).toBe(format);
  });

  it.each([
    ["{}", "json"],
    ['\uFEFF\n\t[1, "A=b"]', "json"],
    ["A=b", "dotenv"],
    ["\uFEFF# comment: x\r\n\n  # more\n  export A = b\n", "dotenv"],
    ['A="first\nsecond: line"\n', "dotenv"],
    ["a: b", "yaml"],
    ["# A=b\na: b=c", "yaml"],
    ["- a=b", "yaml"],
    ["", "yaml"],
  ])("without a name that tells, looks at %j", (text, format) => {
    expect(formatOf(undefined, text)).toBe(format);
    expect(formatOf("config", text)).toBe(format);
    expect(formatOf("environment", text)).toBe(format);
  });

  it.each(["# c\r\n", " \r\n", "\r", "#", " "])("takes linear time for many %j", (part) => {
    const text = part.repeat(1_000_000 / part.length);
    expect(formatOf(undefined, text)).toBe("yaml");
    expect(formatOf(undefined, `${text}\nA=b`)).toBe("dotenv");
  });
});
