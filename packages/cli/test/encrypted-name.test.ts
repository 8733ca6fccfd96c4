import { sep } from "node:path";
import { expect, test } from "vitest";
import { encryptedName } from "../src/encrypted-name.ts";

test.each([
  ["config.json", "config.encrypted.json"],
  ["config.yaml", "config.encrypted.yaml"],
  ["config.prod.yml", "config.prod.encrypted.yml"],
  [".env", ".env.encrypted"],
  [".env.production", ".env.production.encrypted"],
  ["gateway.env", "gateway.encrypted.env"],
  ["config", "config.encrypted"],
  ["config.", "config.encrypted."],
  ["./config.json", "config.encrypted.json"],
  ["/etc/proxmox-mcp/config.json", "/etc/proxmox-mcp/config.encrypted.json"],
  ["dir.d/config", "dir.d/config.encrypted"],
  ["../config.json", "../config.encrypted.json"],
  ["a b/c d.json", "a b/c d.encrypted.json"],
])("%s becomes %s", (path, encrypted) => {
  expect(encryptedName(path)).toBe(encrypted.replaceAll("/", sep));
});

test.each(["config.json", "config.yaml", ".env", ".env.production", "gateway.env", "config"])(
  "what is made of %s has another name, of the same format",
  async (path) => {
    const { formatOf } = await import("@proxmox-mcp/crypto");
    const encrypted = encryptedName(path);
    expect(encrypted).not.toBe(path);
    expect(formatOf(encrypted, "")).toBe(formatOf(path, ""));
  },
);
