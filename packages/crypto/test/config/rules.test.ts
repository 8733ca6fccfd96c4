import { describe, expect, test } from "vitest";
import {
  DOTENV_RULES,
  GENERIC_RULES,
  SERVER_CONFIG_RULES,
  secretRulesFor,
} from "../../src/config/rules.ts";
import { openDocument } from "../../src/document/open.ts";
import { selectSecrets } from "../../src/select.ts";
import { openJson } from "./open-json.ts";

async function secretsOf(value: unknown): Promise<readonly string[]> {
  const document = await openJson(value);
  return selectSecrets(document, secretRulesFor(document)).secrets.map(({ location }) => location);
}

describe("secretRulesFor", () => {
  test.each(["proxmox", "auth", "servers", "default_servers"])(
    "a map %s at the root makes a server config",
    async (section) => {
      expect(secretRulesFor(await openJson({ [section]: {} }))).toBe(SERVER_CONFIG_RULES);
    },
  );

  test.each([
    { proxmox: "pve" },
    { auth: ["token_value"] },
    { nested: { auth: {} } },
    { http: {} },
    [{ auth: {} }],
    {},
  ])("%j is any other document", async (value) => {
    expect(secretRulesFor(await openJson(value))).toBe(GENERIC_RULES);
  });

  test("a .env file has rules of its own", async () => {
    const document = await openDocument("AUTH=x\n", { format: "dotenv" });
    expect(secretRulesFor(document)).toBe(DOTENV_RULES);
  });

  test("names the secret fields of a server config, and no other", async () => {
    const all = {
      token_value: "a",
      token_secret: "b",
      password: "c",
      token_name: "d",
      secret: "e",
    };
    const locations = await secretsOf({
      proxmox: all,
      auth: all,
      servers: { production: { ...all, deeper: all }, "a/b": { password: "x" } },
      default_servers: { home: { token_secret: "x" } },
      http: { api_keys: { ci: "x", PROXMOX_MCP_MASTER_KEY: "x" }, password: "x" },
      other: all,
    });
    expect(locations).toEqual([
      "/proxmox/token_secret",
      "/proxmox/password",
      "/auth/token_value",
      "/auth/token_secret",
      "/auth/password",
      "/servers/production/token_value",
      "/servers/production/token_secret",
      "/servers/production/password",
      "/servers/a~1b/password",
      "/default_servers/home/token_secret",
      "/http/api_keys/ci",
    ]);
  });

  test("names the secret variables of a .env file, and never a master key or the seal", async () => {
    const secret = [
      "MCPO_API_KEY",
      "PROXMOX_TOKEN_VALUE",
      "PROXMOX_TOKEN_SECRET",
      "PROXMOX_PASSWORD",
      "PROXMOX_STAGING_TOKEN_SECRET",
      "PROXMOX_A_B_PASSWORD",
    ];
    const other = ["PROXMOX_HOST", "PASSWORD", "MY_PROXMOX_PASSWORD", "PROXMOX_TOKEN_ID"];
    const never = ["PROXMOX_MCP_MASTER_KEY", "PROXMOX_MASTER_KEY_PASSWORD", "PROXMOX_MCP_SEAL"];
    const text = [...secret, ...other, ...never].map((name) => `${name}=word\n`).join("");
    const document = await openDocument(text, { format: "dotenv" });
    const { secrets } = selectSecrets(document, secretRulesFor(document));
    expect(secrets.map(({ name }) => name)).toEqual(secret);
  });

  test("finds telling names in any style in any other document", async () => {
    const locations = await secretsOf({
      deep: [{ tokenValue: "a", "client-secret": "b", API_KEY: "c", apikey: "d" }],
      passphrase: "e",
      password: 5,
      secret: "",
      secretary: "f",
      proxmox_mcp_seal: "g",
      master_key: { private_key: "h" },
    });
    expect(locations).toEqual([
      "/deep/0/tokenValue",
      "/deep/0/client-secret",
      "/deep/0/API_KEY",
      "/deep/0/apikey",
      "/passphrase",
      "/master_key/private_key",
    ]);
  });
});
