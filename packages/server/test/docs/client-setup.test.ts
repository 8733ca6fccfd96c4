/** What docs/server.md gives to paste starts the server as clients start it, and holds no key. */
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, onTestFinished, test } from "vitest";
import { encryptedConfig, startCluster } from "../proofs/stdio-client.ts";
import { KEY } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { fenceIn, pageOf, sectionOf, wordsOf } from "./parts.ts";

/** How a client starts a server. */
interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const BIN = resolve(import.meta.dirname, "../../../../node_modules/.bin");
const LISTS = { "Claude Desktop": "mcpServers", "VS Code": "servers", Cursor: "mcpServers" };

const page = pageOf("server.md");

// There a client starts the program by another name, and its paths are others.
test
  .skipIf(process.platform === "win32")
  .each<[string, Launch]>([
    ["Claude Code", claudeCode(fenceOf("Claude Code", "sh"))],
    ...Object.entries(LISTS).map(([client, list]): [string, Launch] => [
      client,
      JSON.parse(fenceOf(client, "json"))[list].proxmox,
    ]),
  ])("%s", async (_, { command, args, env }) => {
  expect(Object.keys(env)).toEqual(["PROXMOX_MCP_MASTER_KEY_FILE"]);
  const home = await homeOfYou();
  const ofYou = (text: string): string => text.replaceAll("/home/you/", `${home}/`);
  const known = getDefaultEnvironment();
  const transport = new StdioClientTransport({
    command,
    args: args.map(ofYou),
    env: {
      ...known,
      PATH: `${BIN}${delimiter}${known["PATH"] ?? ""}`,
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, ofYou(value)])),
    },
    stderr: "ignore",
  });
  const client = new Client({ name: "test", version: "1.0.0" });
  onTestFinished(() => client.close());
  await client.connect(transport);
  const { isError, structuredContent } = await client.callTool({ name: "get_nodes" });
  expect(isError).not.toBe(true);
  expect(structuredContent).toMatchObject({ nodes: [{ node: "pve1" }, {}, {}] });
});

/** The first block of a language in the section of a client. */
function fenceOf(client: string, language: string): string {
  return fenceIn(sectionOf(page, `### ${client}`), language);
}

/** What `claude mcp add` keeps of its command line: options with a value each, a name, a command. */
function claudeCode(line: string): Launch {
  const words = wordsOf(line);
  const end = words.indexOf("--");
  const [command = "", ...args] = words.slice(end + 1);
  const given = words.slice(3, end - 1);
  expect(words.slice(0, 3)).toEqual(["claude", "mcp", "add"]);
  const pairs = given.flatMap((word, at) =>
    given[at - 1] === "--env" ? [word.split("=") as [string, string]] : [],
  );
  return { command, args, env: Object.fromEntries(pairs) };
}

/** A home with a key and an encrypted config for a simulated cluster. */
async function homeOfYou(): Promise<string> {
  const home = scratch();
  const config = await encryptedConfig(await startCluster());
  writeFileSync(join(home, ".proxmox_mcp_key"), `${KEY}\n`, { mode: 0o600 });
  const directory = join(home, "proxmox");
  mkdirSync(directory);
  writeFileSync(join(directory, "config.encrypted.json"), config, { mode: 0o600 });
  return home;
}
