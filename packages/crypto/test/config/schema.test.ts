import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import schema from "../../schema/config.schema.json" with { type: "json" };
import { isSecretField } from "../../src/config/rules.ts";
import { schemaAt } from "../../src/config/schema.ts";

const script = fileURLToPath(new URL("../../scripts/compile-schema.mjs", import.meta.url));

test("the generated files are those that the schema gives", () => {
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

describe("the schema for editors", () => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
  const auth = { user: "root@pam", token_name: "mcp", token_value: "enc:..." };

  test.each([
    { proxmox: { host: "pve.example" }, auth },
    { proxmox: { host: "${HOST}", port: "${PORT:-8006}", verify_ssl: "${VERIFY}" }, auth },
    { proxmox: { host: "a" }, auth, logging: { level: "${LEVEL}", file: null } },
    { proxmox: { host: "a", timeout: "${T}", fingerprint: "${F}" }, auth },
    { proxmox: { host: "a" }, auth: { user: "a@pam", password: "enc:..." } },
    { proxmox: { host: "a", password: "enc:..." }, auth: { user: "a@pam" } },
    { proxmox: { host: "a" }, auth, policy: { exec: { allow: ["ls *", "${COMMAND}"] } } },
    { $schema: "./config.schema.json", proxmox: { host: "a" }, auth, servers: { b: { x: 1 } } },
  ])("accepts %j", (config) => {
    expect(validate(config)).toBe(true);
  });

  test.each([
    { auth },
    { proxmox: { host: "" }, auth },
    { proxmox: { host: "a", port: 0 }, auth },
    { proxmox: { host: "a", prot: 8006 }, auth },
    { proxmox: { host: "a" }, auth, logging: { level: "LOUD" } },
    { proxmox: { host: "a" }, auth, http: { api_keys: { ci: 5 } } },
    { proxmox: { host: "a", fingerprint: "ab" }, auth },
    { proxmox: { host: "a" }, auth: { user: "a@pam" } },
    { proxmox: { host: "a" }, auth: { user: "a@pam", token_name: "mcp" } },
    { proxmox: { host: "a" }, auth: { user: "a@pam", token_name: "mcp", password: "x" } },
    { proxmox: { host: "a" }, auth, policy: { exec: { allow: "ls" } } },
    { proxmox: { host: "a" }, auth, policy: { exec: { shell: true } } },
  ])("refuses %j", (config) => {
    expect(validate(config)).toBe(false);
  });
});

test("every secret field of the rules stands in the schema, as text", () => {
  const locations = [
    "/auth/token_value",
    "/auth/password",
    "/auth/token_secret",
    "/proxmox/password",
    "/proxmox/token_secret",
    "/servers/a/token_value",
    "/servers/a/token_secret",
    "/servers/a/password",
    "/default_servers/a/token_value",
    "/default_servers/a/token_secret",
    "/default_servers/a/password",
    "/http/api_keys/a",
  ];
  for (const location of locations) {
    expect(isSecretField(location), location).toBe(true);
    expect(schemaAt(location), location).toMatchObject({ type: "string", pattern: "\\S" });
  }
});
