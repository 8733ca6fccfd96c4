import { expect, test } from "vitest";
import { addField } from "../../src/document/add-field.ts";
import type { DocumentFormat } from "../../src/document/document.ts";
import { open, valueAt } from "../documents.ts";

async function added(text: string, location: string, format: DocumentFormat) {
  const document = await addField(await open(text, format), location);
  return document?.text;
}

const AT = "/http/api_keys/ci";

test.each<[string, DocumentFormat, string, string]>([
  [
    "behind others",
    "json",
    '{\n  "http": {\n    "api_keys": {\n      "a": "1"\n    }\n  }\n}\n',
    '{\n  "http": {\n    "api_keys": {\n      "a": "1",\n      "ci": ""\n    }\n  }\n}\n',
  ],
  [
    "into an empty map",
    "json",
    '{\n  "http": {\n    "api_keys": {}\n  }\n}',
    '{\n  "http": {\n    "api_keys": {\n      "ci": ""\n    }\n  }\n}',
  ],
  [
    "with its map",
    "json",
    '{\n\t"http": {\n\t\t"port": 1\n\t}\n}\n',
    '{\n\t"http": {\n\t\t"port": 1,\n\t\t"api_keys": {\n\t\t\t"ci": ""\n\t\t}\n\t}\n}\n',
  ],
  [
    "with both maps",
    "json",
    '{\r\n    "proxmox": {\r\n        "host": "a"\r\n    }\r\n}',
    '{\r\n    "proxmox": {\r\n        "host": "a"\r\n    },\r\n    "http": {\r\n        "api_keys": {\r\n            "ci": ""\r\n        }\r\n    }\r\n}',
  ],
  ["in one line", "json", '{"http":{"port":1}}', '{"http":{"port":1, "api_keys": {"ci": ""}}}'],
  [
    "into nothing of several lines",
    "json",
    "{\n}\n",
    '{\n  "http": {\n    "api_keys": {\n      "ci": ""\n    }\n  }\n}\n',
  ],
  ["into nothing", "json", "{}", '{"http": {"api_keys": {"ci": ""}}}'],
  [
    "after a byte order mark",
    "json",
    '\uFEFF{"http":{}}',
    '\uFEFF{"http":{"api_keys": {"ci": ""}}}',
  ],
  [
    "behind others",
    "yaml",
    "http:\n  api_keys:\n    a: '1' # mine\n  port: 1\n",
    "http:\n  api_keys:\n    a: '1' # mine\n    ci: \"\"\n  port: 1\n",
  ],
  [
    "with its map",
    "yaml",
    "# mine\nhttp:\n    port: 1\n\n# theirs\nproxmox:\n    host: a",
    '# mine\nhttp:\n    port: 1\n    api_keys:\n        ci: ""\n\n# theirs\nproxmox:\n    host: a',
  ],
  [
    "with both maps, at an end without line end",
    "yaml",
    "proxmox:\n  host: a",
    'proxmox:\n  host: a\nhttp:\n  api_keys:\n    ci: ""',
  ],
  [
    "behind a text of several lines",
    "yaml",
    "http:\n  note: |\n    two\n    lines\n",
    'http:\n  note: |\n    two\n    lines\n  api_keys:\n    ci: ""\n',
  ],
  [
    "with Windows line ends",
    "yaml",
    "http:\r\n  port: 1\r\n",
    'http:\r\n  port: 1\r\n  api_keys:\r\n    ci: ""\r\n',
  ],
  [
    "into braces",
    "yaml",
    "http: {port: 1}\nauth: {}\n",
    'http: {port: 1, api_keys: {ci: ""}}\nauth: {}\n',
  ],
  ["into empty braces", "yaml", "http:\n  api_keys: {}\n", 'http:\n  api_keys: {ci: ""}\n'],
  [
    "in front of a comment",
    "yaml",
    "http: {port: 1 # }\n  }\n",
    'http: {port: 1, api_keys: {ci: ""} # }\n  }\n',
  ],
  [
    "in front of the end of the document",
    "yaml",
    "http:\n  port: 1\n...\n",
    'http:\n  port: 1\n  api_keys:\n    ci: ""\n...\n',
  ],
])("a field is added %s (%s)", async (_, format, before, after) => {
  expect(await added(before, AT, format)).toBe(after);
});

test.each([
  ["json", "a b"],
  ["json", 'quote"and\\'],
  ["json", "__proto__"],
  ["yaml", "yes"],
  ["yaml", "12"],
  ["yaml", "1e3"],
  ["yaml", "a: b"],
  ["yaml", "#a"],
  ["yaml", "- a"],
  ["yaml", "é"],
  ["yaml", "~"],
  ["yaml", "<<"],
] as const)("its name is read as it was given: %s %j", async (format, name) => {
  const text = format === "json" ? '{"http": {"port": 1}}' : "http:\n  port: 1\n";
  const location = `/http/api_keys/${name.replaceAll("~", "~0")}`;
  const after = await added(text, location, format);
  const document = await open(after ?? "", format);
  expect(valueAt(document, location)).toMatchObject({ name, kind: "string", text: "" });
});

test.each<[string, DocumentFormat, string]>([
  ["below a text", "json", '{"http": "a"}'],
  ["below a list", "json", '{"http": []}'],
  ["below null", "json", '{"http": {"api_keys": null}}'],
  ["below nothing", "yaml", "http:\n  api_keys:\n"],
  ["where it is already", "json", '{"http": {"api_keys": {"ci": "a"}}}'],
  ["where there is no map at all", "json", "[1]"],
  ["below what an anchor shares", "yaml", "http: &all\n  port: 1\nother: *all\n"],
  ["below what an alias brings", "yaml", "all: &all\n  port: 1\nhttp: *all\n"],
  ["of a .env file", "dotenv", "A=1\n"],
])("nothing is added %s (%s)", async (_, format, text) => {
  expect(await added(text, AT, format)).toBeUndefined();
});

test.each<[DocumentFormat, string, string]>([
  [
    "json",
    '{\n\t"a": "b"\n}\n',
    '{\n\t"a": "b",\n\t"http": {\n\t\t"api_keys": {\n\t\t\t"ci": ""\n\t\t}\n\t}\n}\n',
  ],
  ["json", '{\n"a": "b"\n}', '{\n"a": "b",\n"http": {\n  "api_keys": {\n    "ci": ""\n  }\n}\n}'],
  ["yaml", "a: b\n", 'a: b\nhttp:\n  api_keys:\n    ci: ""\n'],
])(
  "a document without maps in it goes on by its own blanks, else by two: %s %j",
  async (format, text, wanted) => {
    expect(await added(text, AT, format)).toBe(wanted);
  },
);

test.each<[DocumentFormat, string]>([
  ["dotenv", "A=b\n"],
  ["json", '"text"'],
  ["json", '{"http": null}'],
  ["yaml", "http: null\n"],
])("there is no place for it in %s %j", async (format, text) => {
  expect(await added(text, format === "dotenv" ? "env:B" : AT, format)).toBeUndefined();
});
