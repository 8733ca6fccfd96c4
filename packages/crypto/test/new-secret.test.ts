import { expect, test } from "vitest";
import { secretRulesFor } from "../src/config/rules.ts";
import type { DocumentFormat } from "../src/document/document.ts";
import { withNewSecret } from "../src/new-secret.ts";
import { open } from "./documents.ts";

async function textWith(text: string, location: string, format: DocumentFormat = "json") {
  const document = await open(text, format);
  const { text: edited } = await withNewSecret(document, location, secretRulesFor(document));
  return edited;
}

const CONFIG = '{"auth":{"user":"mcp@pve"},"http":{"api_keys":{"ci":"x"}}}';

test("a client that is new gets an empty field in the map of API keys", async () => {
  expect(await textWith(CONFIG, "/http/api_keys/laptop")).toBe(
    '{"auth":{"user":"mcp@pve"},"http":{"api_keys":{"ci":"x", "laptop": ""}}}',
  );
});

test.each([
  ["that is there", "/http/api_keys/ci"],
  ["that a rule names in full, since a slip is likelier", "/auth/token_value"],
  ["that no rule names", "/auth/tokn_value"],
  ["that is the whole document", ""],
  ["without a name", "/http/api_keys/"],
  ["whose name says master key, which is never sealed", "/http/api_keys/master_key"],
  ["below a text", "/http/api_keys/ci/more"],
])("a field %s is not added", async (_, location) => {
  expect(await textWith(CONFIG, location)).toBe(CONFIG);
});

test.each<[DocumentFormat, string, string]>([
  ["json", '{"auth":{"user":"mcp@pve"},"http":"x"}', "/http/api_keys/ci"],
  ["json", '{"auth":{"user":"mcp@pve"},"http":[]}', "/http/api_keys/ci"],
  ["yaml", "auth: {user: mcp@pve}\nhttp: &h {port: 1}\nproxmox: *h\n", "/servers/a/password/b"],
  ["dotenv", "PROXMOX_HOST=a\n", "env:PROXMOX_A_PASSWORD"],
])("%s without a place for it stays as it is: %j", async (format, text, location) => {
  expect(await textWith(text, location, format)).toBe(text);
});

test.each([
  ["auth:\n  user: mcp@pve", 'auth:\n  user: mcp@pve\nhttp:\n  api_keys:\n    ci: ""'],
  [
    "auth:\n  user: mcp@pve # who\n",
    'auth:\n  user: mcp@pve # who\nhttp:\n  api_keys:\n    ci: ""\n',
  ],
  [
    "auth:\r\n   user: a@b\r\n",
    'auth:\r\n   user: a@b\r\nhttp:\r\n   api_keys:\r\n      ci: ""\r\n',
  ],
  ["auth: {user: a@b}\n", 'auth: {user: a@b}\nhttp:\n  api_keys:\n    ci: ""\n'],
])("YAML goes on as it is laid out: %j", async (text, wanted) => {
  expect(await textWith(text, "/http/api_keys/ci", "yaml")).toBe(wanted);
});
