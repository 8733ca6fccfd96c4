// A small MCP client over stdio, to see a server at work. It starts the server, lists its tools, and
// calls those that are named:
//   node scripts/mcp-client.mjs [--call TOOL[=JSON]] ... -- COMMAND [ARG ...]
import { parseArgs } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const separator = process.argv.indexOf("--", 2);
const [command, ...args] = separator < 0 ? [] : process.argv.slice(separator + 1);
if (command === undefined) {
  console.error("usage: node scripts/mcp-client.mjs [--call TOOL[=JSON]] ... -- COMMAND [ARG ...]");
  process.exit(2);
}
const { values } = parseArgs({
  args: process.argv.slice(2, separator),
  options: { call: { type: "string", multiple: true, default: [] } },
});

const client = new Client({ name: "mcp-client", version: "1.0.0" });
// A client hands on only what it names, as the clients that people use do.
const ours = Object.entries(process.env).filter(([name]) => name.startsWith("PROXMOX_MCP_"));
const env = { ...getDefaultEnvironment(), ...Object.fromEntries(ours) };
await client.connect(new StdioClientTransport({ command, args, env }));
try {
  const { tools } = await client.listTools();
  console.log(`${client.getServerVersion()?.name} offers ${tools.length} tools:`);
  for (const { name, title = "" } of tools) console.log(`  ${name.padEnd(30)} ${title}`);
  for (const call of values.call) {
    const [name, json = "{}"] = call.split(/=(.*)/s);
    const { content, isError } = await client.callTool({ name, arguments: JSON.parse(json) });
    console.log(`\n${name}:`);
    for (const part of content) if (part.type === "text") console.log(part.text);
    if (isError) process.exitCode = 1;
  }
} finally {
  await client.close();
}
