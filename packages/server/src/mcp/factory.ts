/** The MCP server: which tools there are, and calling them. */
import {
  type McpRequestContext,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { didYouMean, printable } from "@proxmox-mcp/crypto/internal";
import type { Caller } from "../policy/caller.ts";
import { allowedTools } from "../policy/policy.ts";
import type { Tool } from "../tools/tool.ts";
import { version } from "../version.ts";
import { approval } from "./approval.ts";
import { followSignals } from "./call-signal.ts";
import { type CallParts, callTool } from "./call-tool.ts";
import { listEntry } from "./list-entry.ts";

/** What a server is made of. */
export interface ServerParts extends CallParts {
  readonly tools: readonly Tool[];
  /** Ends the calls in flight; each is answered as one that was cancelled. */
  readonly giveUp: AbortSignal;
}

const INSTRUCTIONS = `Reads a Proxmox VE cluster: its nodes, virtual machines, containers, storages and tasks.

Start with get_cluster_status or get_nodes, then get_vms, get_containers and get_storage. A guest is named by its vmid; it is found on whatever node it is. Lists are filtered by node, status and name, and come in pages: pass next_cursor as cursor for more. What is on a node that cannot be reached may be missing or old: unreachable_nodes names such nodes. Sizes are in bytes, times in seconds, loads in fractions from 0 to 1. What changes something is listed only where the server's policy allows it: show its dry_run first, and call what removes something with the confirm that the person gave. A task is waited for; one that takes longer goes on, and get_task_status tells how it ends. A failure has a code and a way out; do what it says instead of trying again.`;

/**
 * Makes servers for a connection or a request each, alike for every revision of the protocol. What
 * they list follows the config in force.
 *
 * @param callerOf who the client of a connection or a request is.
 */
export function createFactory(
  parts: ServerParts,
  callerOf: (context: McpRequestContext) => Caller,
): (context: McpRequestContext) => McpServer {
  const { tools, deployments } = parts;
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const entries = new Map<Tool, ReturnType<typeof listEntry>>();
  const entryOf = (tool: Tool) => {
    const entry = entries.get(tool) ?? listEntry(tool);
    entries.set(tool, entry);
    return entry;
  };
  return (requestContext) => {
    const caller = callerOf(requestContext);
    const mcp = new McpServer(
      { name: "proxmox-mcp-server", title: "Proxmox VE", version },
      { instructions: INSTRUCTIONS },
    );
    const { server } = mcp;
    server.registerCapabilities({ tools: { listChanged: true } });
    server.setRequestHandler("tools/list", () => {
      const { deployment, release } = deployments.acquire();
      try {
        return { tools: allowedTools(tools, deployment.config, caller).map(entryOf) };
      } finally {
        release();
      }
    });
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const tool = byName.get(params.name);
      if (tool === undefined) throw unknownTool(params.name, [...byName.keys()]);
      const { signal, release } = followSignals(context.mcpReq.signal, parts.giveUp);
      const progress = progressOf(context);
      const args = params.arguments ?? {};
      const approve = approval(server, context, { tool: tool.name, arguments: args });
      try {
        const ending = parts.giveUp;
        const call = { arguments: args, caller, signal, ending, progress, approve };
        return await callTool(tool, call, parts);
      } finally {
        release();
      }
    });
    return mcp;
  };
}

function unknownTool(name: string, known: readonly string[]): ProtocolError {
  const shown = printable(name.slice(0, 64));
  const text = `there is no tool ${shown}${didYouMean(name.slice(0, 64), known)}`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, text);
}

// Only a client that sent a token can tell whose progress it is.
function progressOf({ mcpReq }: ServerContext): (message: string) => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => {};
  let progress = 0;
  return (message) => {
    progress += 1;
    const params = { progressToken, progress, message };
    // A client that is gone misses nothing; the call itself is ended by its signal.
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  };
}
