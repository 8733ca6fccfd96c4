/** The one way in which a tool is run. */
import type { CallToolResult, InputRequiredResult } from "@modelcontextprotocol/server";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { asKnownError, stackOf } from "@proxmox-mcp/crypto/internal";
import type { Log } from "../log/log.ts";
import type { Caller } from "../policy/caller.ts";
import { refusalOf } from "../policy/policy.ts";
import { restrictTo } from "../proxmox/restrict.ts";
import type { Deployment, Deployments } from "../runtime/deployment.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import { QuestionOpen } from "./approval.ts";
import { parseArguments } from "./arguments.ts";
import type { CallFacts, CallOutcome, CallRecorder } from "./call-record.ts";
import { errorResult, okResult, UNEXPECTED_HINT } from "./outcome.ts";
import { printableResult } from "./printable-result.ts";

/** What every call needs of its surroundings. */
export interface CallParts {
  readonly deployments: Deployments;
  /** They hear of every call, in this order. */
  readonly recorders: readonly CallRecorder[];
  readonly log: Log;
  readonly now: () => Date;
  /** Bytes that nobody can foresee, for the ids of calls. */
  readonly random: (size: number) => Uint8Array;
}

/** One call of a tool. */
export interface ToolCall {
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** Aborted when the server ends. */
  readonly ending: AbortSignal;
  readonly progress: (message: string) => void;
  /**
   * Asks the person at the client; returns at once where the client cannot.
   *
   * @throws QuestionOpen, ProxmoxMcpError CANCELLED
   */
  readonly approve: (question: string) => Promise<void>;
}

/**
 * Runs a tool under the config that is in force now, whatever is loaded meanwhile.
 *
 * @returns always a result: a failure is one with `isError`. Where the person at the client has to be
 * asked first, the question; the call then comes again.
 */
export async function callTool(
  tool: Tool,
  call: ToolCall,
  parts: CallParts,
): Promise<CallToolResult | InputRequiredResult> {
  const { deployments, recorders, log, now, random } = parts;
  const time = now();
  const upids: string[] = [];
  let target: string | undefined;
  let facts: CallFacts = {
    id: Buffer.from(random(8)).toString("hex"),
    time,
    tool: tool.name,
    effect: tool.effect,
    caller: call.caller,
    arguments: {},
  };
  const ended = (outcome: CallOutcome["outcome"]): void => {
    const duration = Math.max(0, now().getTime() - time.getTime());
    for (const recorder of recorders) recorder.ended(facts, { outcome, duration, target, upids });
  };
  try {
    const { deployment, release } = deployments.acquire();
    try {
      const refusal = refusalOf(tool, deployment.config, call.caller);
      if (refusal !== undefined) throw refusal;
      const input = parseArguments(tool, call.arguments);
      facts = { ...facts, arguments: recordedOf(tool, input) };
      for (const recorder of recorders) recorder.begins?.(facts);
      const records = {
        about: (found: string) => {
          target = found;
        },
        started: (upid: string) => {
          upids.push(upid);
        },
      };
      const result = await run(tool, input, deployment, { ...call, ...records, now });
      ended("ok");
      return result;
    } finally {
      release();
    }
  } catch (error) {
    if (error instanceof QuestionOpen) {
      // This round did nothing. The next one is a call of its own in the records.
      ended("asked");
      return error.result;
    }
    const known = toolError(error);
    ended(known.code);
    if (known.code === "UNEXPECTED") log("debug", "unexpected failure", { stack: stackOf(error) });
    return errorResult(known);
  }
}

function recordedOf(
  { recorded }: Tool,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const given = recorded.filter((name) => input[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, input[name]]));
}

async function run(
  tool: Tool,
  input: Readonly<Record<string, unknown>>,
  { config, api }: Deployment,
  { signal, ending, progress, approve, about, started, now }: ToolCall & RunParts,
): Promise<CallToolResult> {
  const result = await tool.run(input, {
    api: restrictTo(api, tool.calls),
    config,
    signal,
    ending,
    progress,
    approve,
    about,
    started,
    now,
  });
  // Leaves out what the schema does not name, and fails on what clients would refuse.
  const { success, data: output, error } = tool.output.safeParse(result);
  if (success) return okResult(output, tool.text(printableResult(output, tool.blocks)));
  throw new ProxmoxMcpError("UNEXPECTED", `the result of ${tool.name} is not as its schema says`, {
    cause: error,
  });
}

type RunParts = Pick<ToolContext, "about" | "started" | "now">;

function toolError(error: unknown): ProxmoxMcpError {
  const known = asKnownError(error);
  if (known.code !== "UNEXPECTED") return known;
  return new ProxmoxMcpError("UNEXPECTED", known.message, {
    hint: UNEXPECTED_HINT,
    cause: error,
  });
}
