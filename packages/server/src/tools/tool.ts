/** A tool is a value: what it is called, what it takes and gives, what it may call, what it does. */
import type { PolicyMode, ServerConfig } from "@proxmox-mcp/crypto/config";
import type { z } from "zod";
import type { Api } from "../proxmox/api.ts";
import type { Endpoint } from "../proxmox/endpoint.ts";

/** What a tool does to Proxmox; the hints for clients and what is recorded follow from it. */
export type Effect =
  /** Changes nothing. */
  | "read"
  /** Changes something that can be put back, as a start can by a stop. */
  | "change"
  /** Ends what runs: it can be started again, and what its programs have not saved is lost. */
  | "interrupt"
  /** Removes something that does not come back: it wants `confirm`, and asks the person. */
  | "destroy"
  /** Runs a program in a guest, which may do anything. */
  | "run-command";

/** What a call has at hand. */
export interface ToolContext {
  /** Reaches the endpoints that the tool names, and no others. */
  readonly api: Api;
  /** The config that was in force when the call began. */
  readonly config: ServerConfig;
  /** Aborted when the client gives up or the server ends. */
  readonly signal: AbortSignal;
  /**
   * Aborted when the server ends. A call that changes something is given this one alone: its answer
   * names the task, which goes on though its client is gone.
   */
  readonly ending: AbortSignal;
  /** Tells the client how far a long call has come. */
  readonly progress: (message: string) => void;
  readonly now: () => Date;
  /**
   * Asks the person at the client whether to go on, where the client can ask. Where it cannot, it
   * returns at once: the arguments are all there is then.
   *
   * @throws ProxmoxMcpError CANCELLED where the answer is no.
   */
  readonly approve: (question: string) => Promise<void>;
  /** Tells whoever keeps records which guest the call is about, as in `qemu/100 web-1 on pve1`. */
  readonly about: (target: string) => void;
  /** Tells whoever keeps records of a task that was started. */
  readonly started: (upid: string) => void;
}

/** A tool of this server. */
export interface Tool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> {
  /** The name that clients call. */
  readonly name: string;
  /** A few words for people. */
  readonly title: string;
  /** What it does and gives, for a model that chooses among tools. */
  readonly description: string;
  /** The least `policy.mode` under which it may be called. */
  readonly mode: Exclude<PolicyMode, "none">;
  readonly effect: Effect;
  /** The arguments that records of the call may hold: nothing that can be a secret. */
  readonly recorded: readonly string[];
  /** Every endpoint that it may call. */
  readonly calls: readonly Endpoint[];
  readonly input: Input;
  /** Units stand in names or descriptions. */
  readonly output: Output;
  /** @throws ProxmoxMcpError */
  run(args: z.output<Input>, context: ToolContext): Promise<z.output<Output>>;
  /** The fields of the result that are texts of several lines, as a program writes them. */
  readonly blocks?: readonly string[];
  /**
   * The result as short text for people. Every text in it is printable here. Programs get it as it is:
   * they pass names on, and JSON escapes control characters.
   */
  text(result: z.output<Output>): string;
}

/** Declares a tool, its types taken from its schemas. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}
