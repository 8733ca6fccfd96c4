import { describe, expect, test } from "vitest";
import { findLeaks } from "../../../src/config/leaks/find-leaks.ts";
import { leaky } from "./leaky.ts";

/** What is found, each as `line:column kind name`. */
async function found(path: string, text: string): Promise<readonly string[]> {
  const { leaks } = await findLeaks(leaky(text), path);
  return leaks.map(({ line, column, kind, name }) => `${line}:${column} ${kind} ${name ?? "-"}`);
}

describe("a value that stands apart from its name", () => {
  test.each<readonly [string, string, string, string]>([
    [
      "an environment of Kubernetes",
      "pod.yaml",
      "env:\n  - name: PROXMOX_TOKEN_VALUE\n    value: @UUID@\n",
      "3:12 secret-looking PROXMOX_TOKEN_VALUE",
    ],
    [
      "with its value first",
      "pod.yaml",
      'env:\n  - value: "@UUID@"\n    name: PROXMOX_TOKEN_VALUE\n  - value: b\n    name: A\n',
      "2:13 secret-looking PROXMOX_TOKEN_VALUE",
    ],
    [
      "in a file of several documents",
      "all.yml",
      "kind: A\n---\nenv:\n- name: PROXMOX_PASSWORD\n  value: @PASSWORD@\n",
      "5:10 secret-looking PROXMOX_PASSWORD",
    ],
    [
      "a task of ECS",
      "task.json",
      '[{"name":"A","value":"b"},{"name":"PROXMOX_TOKEN_VALUE","value":"@UUID@"}]',
      "1:66 secret-looking PROXMOX_TOKEN_VALUE",
    ],
    [
      "a task of ECS, its value first",
      "task.json",
      '[{"value":"@UUID@","name":"PROXMOX_TOKEN_VALUE"},{"value":"b","name":"A"}]',
      "1:12 secret-looking PROXMOX_TOKEN_VALUE",
    ],
    [
      "in a string of JSON",
      "a.json",
      String.raw`{"a":"[{\"name\":\"apiToken\",\"value\":\"@UUID@\"}]"}`,
      "1:43 secret-looking apiToken",
    ],
    [
      "an attribute",
      "web.config",
      '<add key="Proxmox.ApiToken" value="@HEX@"/>',
      "1:36 secret-looking ApiToken",
    ],
    [
      "a stack's parameter",
      "a.json",
      '{"ParameterKey":"ApiToken","ParameterValue":"@HEX@"}',
      "1:46 secret-looking ApiToken",
    ],
    [
      "something else between them",
      "a.json",
      '{"name":"apiToken","type":"string","key":"a","value":"@HEX@"}',
      "1:55 secret-looking apiToken",
    ],
    [
      "a variable of Terraform",
      "a.tf",
      'variable "pm_api_token_secret" {\n  type    = string\n  default = "@UUID@"\n}\n',
      "3:14 secret-looking pm_api_token_secret",
    ],
    [
      "a variable of Terraform with words on it",
      "a.tf",
      'variable "pm_api_token_secret" {\n  description = "see {docs}"\n  default = "@UUID@"\n}\n',
      "3:14 secret-looking pm_api_token_secret",
    ],
    [
      "on one line",
      "a.tf",
      'variable "pm_api_token_secret" { default = "@UUID@" }',
      "1:45 secret-looking pm_api_token_secret",
    ],
    [
      "a variable of Terraform in JSON",
      "a.tf.json",
      '{"variable":{"pm_token_secret":{"type":"string","default":"@UUID@"}}}',
      "1:60 secret-looking pm_token_secret",
    ],
    [
      "an output of Terraform",
      "terraform.tfstate",
      '"outputs": {\n "token": {\n  "value": "@UUID@",\n  "type": "string" } }',
      "3:13 secret-looking token",
    ],
    [
      "a variable of GitLab",
      ".gitlab-ci.yml",
      "variables:\n  API_TOKEN:\n    value: @HEX@\n",
      "3:12 secret-looking API_TOKEN",
    ],
  ])("%s", async (_, path, text, expected) => {
    expect(await found(path, text)).toEqual([expected]);
  });

  test.each<readonly [string, string, string]>([
    [
      "of another entry",
      "a.yaml",
      "- name: API_TOKEN\n  valueFrom: { secretKeyRef: a }\n- name: BUILD\n  value: @UUID@\n",
    ],
    ["of the entry before", "a.yaml", "- value: @UUID@\n- name: API_TOKEN\n"],
    ["of another object", "a.json", '[{"name":"apiToken"},{"value":"@UUID@"}]'],
    ["of another block", "a.tf", 'variable "token" {}\nvariable "build" { default = "@UUID@" }'],
    [
      "of the block behind it",
      "a.tf",
      'variable "token" {\n  type = string\n}\nlocals { default = "@UUID@" }',
    ],
    ["of another document", "a.yaml", "name: api-token\n---\nvalue: @UUID@\n"],
    ["far away", "a.yaml", `name: api-token\nnote: ${"a ".repeat(120)}\nvalue: @UUID@\n`],
    ["beside a name that tells of none", "a.yaml", "- name: BUILD_ID\n  value: @UUID@\n"],
    ["a reference", "a.yaml", "- name: API_TOKEN\n  value: ${TOKEN_12345678}\n"],
    ["a word", "a.yaml", "- name: API_TOKEN\n  value: none\n"],
    ["words on a variable", "a.tf", 'variable "token" {\n  description = "default: none"\n}\n'],
    ["code", "a.ts", 'field({ name: "password", value: password2hash4 })'],
  ])("none: %s", async (_, path, text) => {
    expect(await found(path, text)).toEqual([]);
  });

  // Quadratic time would take minutes for any of these.
  const LONG = 100_000;
  test.each<readonly [string, string]>([
    ["names", "name: token ".repeat(LONG / 12)],
    ["values", "value: token ".repeat(LONG / 13)],
    ["variables", 'variable "token" { '.repeat(LONG / 19)],
    ["names of objects", '"token":{ '.repeat(LONG / 10)],
    ["names of lines", "token:\n ".repeat(LONG / 8)],
    ["pairs", leaky('name="token" value="@UUID@" ').repeat(LONG / 60)],
  ])("takes linear time: %s", async (_, text) => {
    for (const path of ["a.json", "a.yaml", "a.ts"]) await findLeaks(text, path);
  });
});

describe("passwords of letters with one digit", () => {
  const PASSWORDS = [
    ["Pass", "w0rd"],
    ["Winter7", "Storm"],
    ["S3cret", "Sauce"],
    ["hunter2", "hunter"],
  ].map((parts) => parts.join(""));

  test.each(PASSWORDS)("%s", async (password) => {
    expect(await found("a.sh", `PROXMOX_PASSWORD=${password}\n`)).toEqual([
      "1:18 secret-looking PROXMOX_PASSWORD",
    ]);
    expect(await found("a.ts", `const password = "${password}";`)).toEqual([
      "1:19 secret-looking password",
    ]);
  });

  test.each<readonly [string, string, string]>([
    ["a name of a token, which may be words", "a.ts", 'const tokenKind = "oauth2accessToken";'],
    ["a name in a page", "a.md", "password: sha256sum"],
    ["names with a number", "a.ts", '{ STACK_SECRET: "proxmox-mcp-master-key-1" }'],
    ["seven characters", "a.sh", "PROXMOX_PASSWORD=winter7"],
    ["letters alone", "a.sh", "PROXMOX_PASSWORD=winterstorm"],
  ])("none: %s", async (_, path, text) => {
    expect(await found(path, text)).toEqual([]);
  });
});
