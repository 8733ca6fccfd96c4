import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DocumentFormat } from "../src/document/document.ts";
import { openDocument } from "../src/document/open.ts";
import {
  type SecretRules,
  secretMatcher,
  selectSecrets,
  snakeCase,
  wildcard,
} from "../src/select.ts";

const NO_RULES: SecretRules = {
  locations: [],
  names: [],
  telling: [],
  never: [],
  masterKeys: [],
};

/** The locations of what is selected. */
async function select(
  text: string,
  rules: Partial<SecretRules>,
  format: DocumentFormat = "json",
): Promise<{ secrets: string[]; lookalikes: string[] }> {
  const document = await openDocument(text, { format });
  const { secrets, lookalikes } = selectSecrets(document, { ...NO_RULES, ...rules });
  const locations = (values: typeof secrets) => values.map((value) => value.location);
  return { secrets: locations(secrets), lookalikes: locations(lookalikes) };
}

describe("a rule of locations", () => {
  it.each([
    ["/auth/token", "/auth/token", true],
    ["/auth/token", "/auth/token/x", false],
    ["/auth/token", "/x/auth/token", false],
    ["/servers/*/token", "/servers/a/token", true],
    ["/servers/*/token", "/servers//token", true],
    ["/servers/*/token", "/servers/a/b/token", false],
    ["/servers/*/token", "/servers/token", false],
    ["/keys/*", "/keys/a~1b", true],
    ["/keys/*", "/keys/line\nbreak", true],
    ["/keys/*", "/keys", false],
    ["/a.b", "/aXb", false],
    ["/a.b(c)[d]{e}^$+?|\\", "/a.b(c)[d]{e}^$+?|\\", true],
    ["env:PVE_*_TOKEN", "env:PVE_STAGING_TOKEN", true],
    ["env:PVE_*_TOKEN", "env:PVE_A_B_TOKEN", true],
    ["env:PVE_*_TOKEN", "env:PVE_TOKEN", false],
    ["env:PVE_*_TOKEN", "env:PVE_A_TOKEN_FILE", false],
    ["*master_key*", "proxmox_mcp_master_key_file", true],
    ["*", "", true],
  ])("%s against %j: %s", (rule, location, matches) => {
    expect(wildcard(rule)(location)).toBe(matches);
  });
});

describe("a rule of any form", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "*"), maxLength: 8 });

  it("matches what the regular expression of the same meaning matches", () => {
    fc.assert(
      fc.property(
        text,
        text.map((location) => location.replaceAll("*", "c")),
        (rule, location) => {
          const any = rule.startsWith("/") ? "[^/]*" : ".*";
          const expected = new RegExp(`^${rule.split("*").join(any)}$`).test(location);
          expect(wildcard(rule)(location)).toBe(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("takes linear time, however many `*` it has", () => {
    const fits = wildcard(`env:${"*A".repeat(200)}B`);
    expect(fits(`env:${"A".repeat(200_000)}`)).toBe(false);
  });
});

describe("names in snake_case", () => {
  it.each([
    ["tokenValue", "token_value"],
    ["TokenValue", "token_value"],
    ["token-value", "token_value"],
    ["token_value", "token_value"],
    ["TOKEN_VALUE", "token_value"],
    ["token-Value", "token_value"],
    ["APIKey", "api_key"],
    ["apiKey", "api_key"],
    ["myAPIKey", "my_api_key"],
    ["key2Value", "key2_value"],
    ["a-b-c", "a_b_c"],
    ["", ""],
  ])("%j is %j", (name, snake) => {
    expect(snakeCase(name)).toBe(snake);
  });
});

describe("the secrets of a document", () => {
  it("are those that a location names, in the order of the text", async () => {
    const text = '{"servers":{"b":{"token":"x"},"a":{"token":"y","other":"z"}},"token":"w"}';
    const { secrets } = await select(text, { locations: ["/servers/*/token"] });
    expect(secrets).toEqual(["/servers/b/token", "/servers/a/token"]);
  });

  it("are those that a name names, in any style and at any depth", async () => {
    const text =
      '{"tokenValue":"1","deep":[{"token-value":"2"},{"TOKEN_VALUE":"3"}],"token_values":"4"}';
    const { secrets } = await select(text, { names: ["token_value"] });
    expect(secrets).toEqual(["/tokenValue", "/deep/0/token-value", "/deep/1/TOKEN_VALUE"]);
  });

  it("are strings, numbers and lists of strings, for a name; anything but null, for a location", async () => {
    const text = '{"a":1,"b":true,"c":null,"d":[],"e":{},"f":"x","g":["x"],"h":[{}]}';
    expect((await select(text, { names: [..."abcdefgh"] })).secrets).toEqual(["/a", "/f", "/g"]);
    const locations = [..."abcdef"].map((name) => `/${name}`);
    expect((await select(text, { locations })).secrets).toEqual(["/a", "/b", "/d", "/e", "/f"]);
  });

  it("are never empty", async () => {
    expect((await select('{"a":"","b":" "}', { names: ["a", "b"] })).secrets).toEqual(["/b"]);
  });

  it("include every token and everything that claims to be one, wherever it stands", async () => {
    const text = '{"host":"enc:what","list":[" ENC:x"],"note":"see enc: below"}';
    expect((await select(text, {})).secrets).toEqual(["/host", "/list/0"]);
  });

  it("never include what must not be encrypted, whatever else says so", async () => {
    const text = '{"masterKey":"x","PROXMOX_MCP_MASTER_KEY_FILE":"enc:x","token":"y"}';
    const rules = { locations: ["/*"], names: ["master_key"], never: ["*master_key*"] };
    expect(await select(text, rules)).toEqual({ secrets: ["/token"], lookalikes: [] });
  });

  it("are found in YAML and .env documents alike", async () => {
    const yaml = "servers:\n  a:\n    token: x\n";
    const { secrets } = await select(yaml, { locations: ["/servers/*/token"] }, "yaml");
    expect(secrets).toEqual(["/servers/a/token"]);
    const env = "PVE_A_TOKEN=x\nPVE_TOKEN_ID=y\n";
    const found = await select(env, { locations: ["env:PVE_*_TOKEN"] }, "dotenv");
    expect(found.secrets).toEqual(["env:PVE_A_TOKEN"]);
  });
});

describe("the verdict on a value", () => {
  it.each([
    ["/a/secret", "string", "secret"],
    ["/a/secret", "number", "secret"],
    ["/a/secret", "boolean", "unnamed"],
    ["/a/secret", "map", "unnamed"],
    ["/a/secret", "list", "unnamed"],
    ["/a/place", "number", "secret"],
    ["/a/other", "string", "unnamed"],
    ["/a/master_key", "string", "never"],
  ] as const)("%s, a %s: %s", (location, kind, verdict) => {
    const match = secretMatcher({
      ...NO_RULES,
      locations: ["/a/place", "/a/master_key"],
      names: ["secret"],
      never: ["master_*"],
    });
    const name = location.slice("/a/".length);
    expect(match({ location, name, kind, text: "", start: 0, end: 0 })).toBe(verdict);
  });
});

describe("values that look like secrets", () => {
  const UUID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

  it.each([
    ["a PVE API token, whatever its name", "header", `PVEAPIToken=root@pam!ci=${UUID}`],
    ["a PVE API token in a sentence", "note", `use root@pam!ci=${UUID} here`],
    ["a UUID beside a telling name", "tokenValueOld", UUID],
    ["a UUID in capitals", "SECRET", UUID.toUpperCase()],
    ["32 hex digits", "my_token", "9f86d081884c7d659a2feaa0c55ad015"],
    ["a token of a forge", "deployToken", "example_16C7e42F292c6912E7710c83"],
    ["a JSON web token", "apiToken", "eyEXAMPLE0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    ["a made-up password", "admin_passwd", "Xk3!fj.a2bQw9zLp"],
    ["base64 that begins with a slash", "api-key", "/9j4AAQSkZJRgABAQEASABIAAD2wBDAA=="],
    ["a password inside a URL", "token_source", "https://user:p4ssw0rd@host.example/x"],
    ["a query of a URL", "token_source", "https://host.example/hook?sig=8d3f2a1b"],
    ["an access key", "aws_access_key", "EXAMPLE7ACCESS2KEY"],
    ["a credential", "credential", "f3b1c5d7e9a2b4c6d8"],
    ["16 characters", "my_token", "a1b2c3d4e5f6g7h8"],
    ["the default of a placeholder", "grafana_token", "${GRAFANA:-abcd1234efgh5678}"],
    ["a UUID as the default", "my_token", `\${MY_TOKEN:-${UUID}}`],
    ["a default beside other text", "my_token", `Bearer \${MY_TOKEN:-${UUID}}`],
    ["the default of one of two placeholders", "my_token", `\${A:-${UUID}}\${B:-}`],
    ["a default within a default", "my_token", `\${A:-\${B:-${UUID}}}`],
    ["a PVE API token as the default, whatever its name", "header", `\${A:-root@pam!ci=${UUID}}`],
  ])("are reported: %s", async (_, name, text) => {
    expect(await select(JSON.stringify({ [name]: text }), {})).toEqual({
      secrets: [],
      lookalikes: [`/${name}`],
    });
  });

  it.each([
    ["a UUID beside a harmless name", "uuid", UUID],
    ["the id of a token", "token_id", UUID],
    ["the id of a token, in camel case", "tokenId", UUID],
    ["the name of a token", "token_name", "root@pam!monitoring-2024"],
    ["the full id of a PVE token", "token", "root@pam!monitoring-2024"],
    ["a path by its name", "token_file", "run-secrets-token-2024-01"],
    ["an absolute path", "credentials", "/run/secrets/proxmox-token-2"],
    ["a path of home", "ssh_private_key", "~/.ssh/id_ed25519_proxmox"],
    ["a path from here", "credentials", "./secrets/2024/proxmox"],
    ["a path of Windows", "credentials", "C:\\ProgramData\\app2\\credentials"],
    ["a file name", "credentials", "service-account-2024.json"],
    ["a URL", "token_server", "https://idp.example.com/oauth2/v2.0/token"],
    ["a URL by its name", "token_url", "idp.example.com:8443/oauth2/v2.0?x=1"],
    ["a sentence", "token_remark", "rotate this every 90 days, as agreed on 2024-03-02"],
    ["a rule for passwords", "password_policy", "min16-upper1-digit2"],
    ["an algorithm", "passwordAlgorithm", "pbkdf2-hmac-sha256"],
    ["a date", "token_created", "2024-03-02T01:00:00Z"],
    ["a count", "max_tokens", "8192819281928192"],
    ["letters alone", "token_kind", "authorizationbearer"],
    ["digits alone", "secret_count", "12345678901234567890"],
    ["a short word", "password_mode", "argon2id-v19"],
    ["15 characters", "my_token", "a1b2c3d4e5f6g7h"],
    ["little entropy", "my_token", "aaaaaaaaaaaaaaa1111111111111"],
    ["a placeholder", "my_token", "${MY_TOKEN_OF_2024_01}"],
    ["a placeholder with a message", "my_token", `\${MY_TOKEN:?${UUID}}`],
    ["a placeholder with an empty default", "my_token", "${MY_TOKEN_OF_2024_01:-}"],
    ["a UUID beside a placeholder", "my_token", `${UUID}\${MY_TOKEN}`],
    ["a default that is none", "my_token", "${MY_TOKEN:-changeme-1234-abcd-5678}"],
    ["a default that stands for one", "my_token", "${MY_TOKEN:-<my-token-1234-abcd>}"],
    ["a default that is a variable", "my_token", "${MY_TOKEN:-${OTHER_TOKEN_OF_2024_01}}"],
    ["a default that is a token already", "my_token", "${MY_TOKEN:-enc:Z0FBQUFBQm1xRE9n}"],
    ["a default that is a path", "credentials", "${CREDENTIALS:-/run/secrets/proxmox-token-2}"],
    ["a default beside a harmless name", "token_id", `\${TOKEN_ID:-${UUID}}`],
    ["a UUID in a longer text", "my_tokens", `${UUID} and more`],
    ["nothing", "my_token", ""],
    ["a hash beside a harmless name", "commit", "9f86d081884c7d659a2feaa0c55ad015"],
    ["a host", "host", "pve-node-01.example.com"],
  ])("are not: %s", async (_, name, text) => {
    expect(await select(JSON.stringify({ [name]: text }), {})).toEqual({
      secrets: [],
      lookalikes: [],
    });
  });

  it("are not values that a rule names, nor other kinds than strings", async () => {
    const text = `{"my_token":"${UUID}","number_token":12345678901234567890}`;
    expect(await select(text, { names: ["my_token"] })).toEqual({
      secrets: ["/my_token"],
      lookalikes: [],
    });
  });

  it("are the defaults of placeholders beside a name that says so, but for what stands for one", async () => {
    const text = JSON.stringify({
      a_password: "${A:-hunter2}",
      b_password: "${B:-changeme}",
      c_password: "${C:-true}",
      d_password: "${D:-<password>}",
      e_password: "${E}",
    });
    expect(await select(text, { telling: ["password"] })).toEqual({
      secrets: [],
      lookalikes: ["/a_password"],
    });
  });

  it("are judged by letters, digits and their spread, not by one of them", async () => {
    const text = JSON.stringify({ a_token: "ABCDEFGHIJKLMNOPQ1", b_token: "abcdabcdabcdabc1" });
    expect((await select(text, {})).lookalikes).toEqual(["/a_token"]);
  });
});
