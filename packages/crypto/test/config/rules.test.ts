import { describe, expect, test } from "vitest";
import {
  DOTENV_RULES,
  GENERIC_RULES,
  SERVER_CONFIG_RULES,
  secretRulesFor,
} from "../../src/config/rules.ts";
import { openDocument } from "../../src/document/open.ts";
import { type Selection, selectSecrets } from "../../src/select.ts";
import { openJson } from "./open-json.ts";

async function selectionOf(value: unknown): Promise<Selection> {
  const document = await openJson(value);
  return selectSecrets(document, secretRulesFor(document));
}

async function secretsOf(value: unknown): Promise<readonly string[]> {
  return (await selectionOf(value)).secrets.map(({ location }) => location);
}

async function lookalikesOf(value: unknown): Promise<readonly string[]> {
  return (await selectionOf(value)).lookalikes.map(({ location }) => location);
}

async function masterKeysOf(value: unknown): Promise<readonly string[]> {
  return (await selectionOf(value)).masterKeys.map(({ location }) => location);
}

describe("secretRulesFor", () => {
  test.each(["proxmox", "auth", "servers", "default_servers"])(
    "a map %s at the root makes a server config",
    async (section) => {
      expect(secretRulesFor(await openJson({ [section]: {} }))).toBe(SERVER_CONFIG_RULES);
    },
  );

  test("API keys alone make a server config, and are secret", async () => {
    const keys = { ci: "x", webmaster_key: "y" };
    expect(await secretsOf({ http: { api_keys: keys } })).toEqual([
      "/http/api_keys/ci",
      "/http/api_keys/webmaster_key",
    ]);
  });

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
    const never = [
      "PROXMOX_MCP_MASTER_KEY",
      "PROXMOX_MCP_MASTER_KEY_FILE",
      "PROXMOX_MASTER_KEY_PASSWORD",
      "PROXMOX_MCP_SEAL",
    ];
    const text = [...secret, ...other, ...never].map((name) => `${name}=word\n`).join("");
    const document = await openDocument(text, { format: "dotenv" });
    const { secrets, masterKeys } = selectSecrets(document, secretRulesFor(document));
    expect(secrets.map(({ name }) => name)).toEqual(secret);
    expect(masterKeys.map(({ name }) => name)).toEqual([
      "PROXMOX_MCP_MASTER_KEY",
      "PROXMOX_MASTER_KEY_PASSWORD",
    ]);
  });

  test("finds telling names in any style in any other document", async () => {
    const locations = await secretsOf({
      deep: [{ tokenValue: "a", "client-secret": "b", API_KEY: "c", apikey: "d" }],
      passphrase: "e",
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

describe("what would stay plain without a word", () => {
  test.each([
    [{ auth: {}, database: { password: "word" } }, ["/database/password"]],
    [{ auth: { tokenValue: "word" } }, ["/auth/tokenValue"]],
    [{ auth: {}, "DB-Password": "word", smtpPassword: "x" }, ["/DB-Password", "/smtpPassword"]],
    [{ auth: {}, list: [{ api_key: "word" }] }, ["/list/0/api_key"]],
    [{ auth: {}, database: { password: "${PASSWORD:-x}" } }, ["/database/password"]],
  ])(
    "a secret of a server config that no rule names, however simple it is: %j",
    async (value, expected) => {
      expect(await lookalikesOf(value)).toEqual(expected);
    },
  );

  test("the same in a .env file, in any case", async () => {
    const text = "DB_PASSWORD=word\nproxmox_password=word\nAPI_KEY=word\nHOST=word\n";
    const document = await openDocument(text, { format: "dotenv" });
    const { lookalikes } = selectSecrets(document, secretRulesFor(document));
    expect(lookalikes.map(({ name }) => name)).toEqual([
      "DB_PASSWORD",
      "proxmox_password",
      "API_KEY",
    ]);
  });

  test.each([
    "",
    "${PASSWORD}",
    "${PASSWORD:-}",
    "${PASSWORD:-changeme}",
    "true",
    "No",
    "0",
    "/run/secrets/db",
    "secret.txt",
    "https://vault.example/v1/db",
  ])("no false alarm for %j", async (password) => {
    expect(await lookalikesOf({ auth: {}, database: { password } })).toEqual([]);
  });

  test("numbers and lists of strings under telling names count as secrets", async () => {
    const value = {
      api_key: 1234,
      deep: { secret: ["a"] },
      properties: { password: { type: "string" } },
      passphrase: true,
      client_secret: null,
      private_key: [],
      apikey: [{ a: 1 }],
    };
    expect(await secretsOf(value)).toEqual(["/api_key", "/deep/secret"]);
  });

  test("a plain master key is told, and never secret", async () => {
    const value = {
      auth: {},
      master_key: "word",
      oldMasterKey: "word",
      PROXMOX_MCP_MASTER_KEY_STAGING: "word",
      http: { api_keys: { master_key: "word" } },
      placeholder: { master_key: "${KEY}" },
      empty: { master_key: "" },
      master_key_file: "~/key",
      MASTER_KEY_COMMAND: "pass show key",
      master_key_env: "KEY",
      webmaster_key: "word",
      master_keyboard: "word",
    };
    expect(await masterKeysOf(value)).toEqual([
      "/master_key",
      "/oldMasterKey",
      "/PROXMOX_MCP_MASTER_KEY_STAGING",
      "/http/api_keys/master_key",
    ]);
    expect(await secretsOf(value)).toEqual([]);
    expect(await lookalikesOf(value)).toEqual([]);
  });
});
