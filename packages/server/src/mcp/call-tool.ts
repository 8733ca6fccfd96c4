/** The one way in which a tool is run. */
import type { CallToolResult } from "@modelcontextprotocol/server";
import { asKnownError, ProxmoxMcpError, stackOf } from "@proxmox-mcp/crypto";
import type { Log } from "../log/log.ts";
import { restrictTo } from "../proxmox/restrict.ts";
import type { Deployment, Deployments } from "../runtime/deployment.ts";
import type { Tool } from "../tools/tool.ts";
import { parseArguments } from "./arguments.ts";
import { errorResult, okResult } from "./outcome.ts";
import { refusalOf } from "./policy.ts";
import { printableResult } from "./printable-result.ts";

/** What every call needs of its surroundings. */
export interface CallParts {
  readonly deployments: Deployments;
  readonly log: Log;
  readonly now: () => Date;
}

/** One call of a tool. */
export interface ToolCall {
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

/**
 * Runs a tool under the config that is in force now, whatever is loaded meanwhile.
 *
 * @returns always a result: a failure is one with `isError`. The log gets the tool's name, how it
 * ended and how long it took, and nothing of what was asked or answered.
 */
export async function callTool(
  tool: Tool,
  call: ToolCall,
  { deployments, log, now }: CallParts,
): Promise<CallToolResult> {
  const started = now().getTime();
  const ended = (level: "info" | "warn" | "error", outcome: string): void =>
    log(level, "tool call", { tool: tool.name, outcome, duration_ms: now().getTime() - started });
  try {
    const { deployment, release } = deployments.acquire();
    try {
      const result = await run(tool, call, deployment, now);
      ended("info", "ok");
      return result;
    } finally {
      release();
    }
  } catch (error) {
    const known = toolError(error);
    ended(known.code === "UNEXPECTED" ? "error" : "warn", known.code);
    if (known.code === "UNEXPECTED") log("debug", "unexpected failure", { stack: stackOf(error) });
    return errorResult(known);
  }
}

async function run(
  tool: Tool,
  { arguments: args, signal, progress }: ToolCall,
  { config, api }: Deployment,
  now: () => Date,
): Promise<CallToolResult> {
  const refusal = refusalOf(tool, config);
  if (refusal !== undefined) throw refusal;
  const input = parseArguments(tool, args);
  const context = { api: restrictTo(api, tool.calls), config, signal, progress, now };
  const result = await tool.run(input, context);
  // Leaves out what the schema does not name, and fails on what clients would refuse.
  const { success, data: output, error } = tool.output.safeParse(result);
  if (success) return okResult(output, tool.text(printableResult(output, tool.blocks)));
  throw new ProxmoxMcpError("UNEXPECTED", `the result of ${tool.name} is not as its schema says`, {
    cause: error,
  });
}

function toolError(error: unknown): ProxmoxMcpError {
  const known = asKnownError(error);
  if (known.code !== "UNEXPECTED") return known;
  return new ProxmoxMcpError("UNEXPECTED", known.message, {
    hint: "the server's log at level DEBUG says where it happened; report that",
    cause: error,
  });
}
