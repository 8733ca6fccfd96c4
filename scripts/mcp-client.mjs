// A small MCP client, to see a server at work. It lists the server's tools, and calls those that are
// named. Over standard input and output it starts the server:
//   node scripts/mcp-client.mjs [--call TOOL[=JSON]] ... -- COMMAND [ARG ...]
// Over HTTP it shows the API key in PROXMOX_MCP_API_KEY to a server that runs, or to one that it starts:
//   node scripts/mcp-client.mjs [--call TOOL[=JSON]] ... --url URL
//   node scripts/mcp-client.mjs [--call TOOL[=JSON]] ... --http -- COMMAND [ARG ...]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const separator = process.argv.indexOf("--", 2);
const [command, ...args] = separator < 0 ? [] : process.argv.slice(separator + 1);
const { values } = parseArgs({
  args: process.argv.slice(2, separator < 0 ? undefined : separator),
  options: {
    call: { type: "string", multiple: true, default: [] },
    url: { type: "string" },
    http: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});
if ((command === undefined) === (values.url === undefined)) {
  console.error("usage: node scripts/mcp-client.mjs [--call TOOL[=JSON]] ... --url URL");
  console.error(
    "       node scripts/mcp-client.mjs [--call TOOL[=JSON]] ... [--http] -- COMMAND ...",
  );
  process.exit(2);
}

// A client hands on only what it names, as the clients that people use do.
const { PROXMOX_MCP_API_KEY: apiKey, ...rest } = process.env;
const ours = Object.entries(rest).filter(([name]) => name.startsWith("PROXMOX_MCP_"));
const env = { ...getDefaultEnvironment(), ...Object.fromEntries(ours) };

const started = values.http ? await startServer() : undefined;
const url = values.url ?? started?.url;
const client = new Client({ name: "mcp-client", version: "1.0.0" });
try {
  await client.connect(
    url === undefined ? new StdioClientTransport({ command, args, env }) : overHttp(url),
  );
  const { tools } = await client.listTools();
  if (!values.quiet) {
    console.log(`${client.getServerVersion()?.name} offers ${tools.length} tools:`);
    for (const { name, title = "" } of tools) console.log(`  ${name.padEnd(30)} ${title}`);
  }
  for (const [index, call] of values.call.entries()) {
    const [name, json = "{}"] = call.split(/=(.*)/s);
    const { content, isError } = await client.callTool({ name, arguments: JSON.parse(json) });
    if (!values.quiet || index > 0) console.log("");
    if (!values.quiet) console.log(`${name}:`);
    for (const part of content) if (part.type === "text") console.log(part.text);
    if (isError) process.exitCode = 1;
  }
} finally {
  await client.close();
  await started?.stop();
}

function overHttp(to) {
  const headers = apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` };
  return new StreamableHTTPClientTransport(new URL(to), { requestInit: { headers } });
}

/** Starts a server, and waits for the line of its log that says where it listens. */
async function startServer() {
  const server = spawn(command, args, { env, stdio: ["ignore", "inherit", "pipe"] });
  const ended = once(server, "close");
  const lines = createInterface({ input: server.stderr });
  const others = [];
  for await (const line of lines) {
    const { msg, url: listening } = parsed(line);
    if (msg !== "serving over http") {
      others.push(line);
      continue;
    }
    server.stderr.resume();
    return {
      url: listening,
      async stop() {
        server.kill("SIGTERM");
        await ended;
      },
    };
  }
  console.error(others.join("\n"));
  process.exit(1);
}

/** A line of the log; what is none has no message. */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
