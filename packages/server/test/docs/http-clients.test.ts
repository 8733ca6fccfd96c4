/** What docs/http.md gives to paste into clients reaches the server, and holds no key. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { defaultSections } from "@proxmox-mcp/crypto/config";
import { expect, onTestFinished, test } from "vitest";
import { API_KEY, openHttp } from "../http/http-session.ts";
import { fenceIn, pageOf, sectionOf, wordsOf } from "./parts.ts";

/** Where a client goes, and what it shows there. */
interface Connection {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const page = pageOf("http.md");

// The ways in which clients write a variable, and one that they ask for.
const KEY = /\$PROXMOX_MCP_API_KEY|\$\{(?:env:|input:)?[\w-]+\}/;

test.each<[string, Connection]>([
  ["Claude Code, by its command", claudeCode(fenceOf("Claude Code", "sh"))],
  ["Claude Code", JSON.parse(fenceOf("Claude Code", "json")).mcpServers.proxmox],
  ["VS Code", JSON.parse(fenceOf("VS Code", "json")).servers.proxmox],
  ["Cursor", JSON.parse(fenceOf("Cursor", "json")).mcpServers.proxmox],
])("%s", async (_, { url, headers }) => {
  expect(Object.keys(headers)).toEqual(["Authorization"]);
  expect(headers["Authorization"]).toMatch(KEY);
  expect(new URL(url).pathname).toBe(defaultSections().http.path);
  const server = await openHttp();
  const shown = headers["Authorization"]?.replace(KEY, API_KEY) ?? "";
  const transport = new StreamableHTTPClientTransport(
    new URL(new URL(url).pathname, server.origin),
    {
      requestInit: { headers: { Authorization: shown } },
    },
  );
  const client = new Client({ name: "test", version: "1.0.0" });
  onTestFinished(() => client.close());
  await client.connect(transport);
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain("get_nodes");
});

test("VS Code asks for the key that its header shows", () => {
  const { inputs, servers } = JSON.parse(fenceOf("VS Code", "json"));
  expect(inputs).toMatchObject([{ type: "promptString", password: true }]);
  expect(servers.proxmox.headers.Authorization).toContain(`\${input:${inputs[0].id}}`);
});

/** The first block of a language in the section of a client. */
function fenceOf(client: string, language: string): string {
  return fenceIn(sectionOf(page, `### ${client} over HTTP`), language);
}

/** `claude mcp add`: a name, a URL, and options with a value each. */
function claudeCode(line: string): Connection {
  const words = wordsOf(line);
  expect(words.slice(0, 5)).toEqual(["claude", "mcp", "add", "--transport", "http"]);
  const [name = "", value = ""] = (words[words.indexOf("--header") + 1] ?? "").split(": ");
  const url = words.find((word) => word.startsWith("https://")) ?? "";
  return { url, headers: { [name]: value } };
}
