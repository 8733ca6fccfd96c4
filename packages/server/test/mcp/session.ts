/** A real MCP client that talks to our server, which talks to the simulated cluster. */
import { randomBytes } from "node:crypto";
import type { Client, ClientOptions } from "@modelcontextprotocol/client";
import { InMemoryTransport, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { SecretText } from "@proxmox-mcp/crypto/config";
import { afterEach } from "vitest";
import type { CallRecorder } from "../../src/mcp/call-record.ts";
import { createFactory } from "../../src/mcp/factory.ts";
import { ERROR_DATA } from "../../src/mcp/outcome.ts";
import { type Caller, STDIO_CALLER } from "../../src/policy/caller.ts";
import { openClient } from "../../src/proxmox/client.ts";
import type { Deployments } from "../../src/runtime/deployment.ts";
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from "../../src/simulator/simulator.ts";
import { TOOLS } from "../../src/tools/index.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { clusterConfig, type GivenPolicy } from "../config.ts";
import { clientOf } from "./client.ts";

export const ERAS = ["2025-11-25", "2026-07-28"] as const;

export type Era = (typeof ERAS)[number];

export interface Session {
  readonly client: Client;
  readonly simulator: Simulator;
  readonly log: readonly (readonly [level: string, message: string, fields: unknown])[];
  /** What the server has sent. */
  readonly sent: readonly JSONRPCMessage[];
  /** How many deployments are held now. */
  readonly held: () => number;
  /** Calls a tool. */
  readonly call: (name: string, args?: Record<string, unknown>) => Promise<Outcome>;
}

export interface Outcome {
  readonly text: string;
  readonly isError: boolean;
  readonly data: unknown;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}

export interface SessionOptions {
  readonly era?: Era;
  /** What is not given is as in a config without it. */
  readonly policy?: GivenPolicy;
  readonly caller?: Caller;
  readonly recorders?: readonly CallRecorder[];
  /** Default: those of the server. */
  readonly tools?: readonly Tool[];
  readonly simulator?: Simulator | SimulatorOptions;
  /** Default: the token of the simulator's example, which may do what the tools do. */
  readonly token?: {
    readonly user: string;
    readonly tokenName: string;
    readonly tokenValue: string;
  };
  readonly client?: ClientOptions;
  /** Aborted when the server ends. Default: it goes on. */
  readonly giveUp?: AbortSignal;
  readonly timeout?: number;
  /** How often what reads is tried again. Default: never. */
  readonly retries?: number;
}

const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Opens a session that ends with the test. */
export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const { era = "2026-07-28", timeout = 30_000, tools = TOOLS } = options;
  const simulator = await simulatorOf(options.simulator);
  const { user, tokenName, tokenValue } = options.token ?? simulator;
  const { host, port, fingerprint } = simulator;
  const api = openClient({
    target: { host, port },
    credentials: { user, tokenName, tokenValue: new SecretText(tokenValue) },
    tls: { fingerprint },
    timeout,
    retry: { attempts: options.retries ?? 0, delay: 0 },
  });
  endings.push(() => api.destroy());
  const config = clusterConfig(
    { ...simulator, user, tokenName, tokenValue },
    { proxmox: { timeout }, policy: options.policy ?? {} },
  );
  let held = 0;
  const deployments: Deployments = {
    onReplaced: () => () => {},
    acquire() {
      held += 1;
      return {
        deployment: { config, api },
        release: () => {
          held -= 1;
        },
      };
    },
  };
  const log: [string, string, unknown][] = [];
  const parts = {
    tools,
    deployments,
    log: (level: string, message: string, fields?: unknown) => log.push([level, message, fields]),
    now: () => new Date(),
    random: randomBytes,
    recorders: options.recorders ?? [],
    giveUp: options.giveUp ?? new AbortController().signal,
  };
  const factory = createFactory(parts, () => options.caller ?? STDIO_CALLER);
  const [near, far] = InMemoryTransport.createLinkedPair();
  const sent: JSONRPCMessage[] = [];
  const send = far.send.bind(far);
  far.send = (message, sending) => {
    sent.push(message);
    return send(message, sending);
  };
  const serving = serveStdio(factory, { transport: far });
  const client = clientOf(era, options.client);
  await client.connect(near);
  endings.push(() => serving.close());
  endings.push(() => client.close());
  return {
    client,
    simulator,
    log,
    sent,
    held: () => held,
    call: async (name, args = {}) => outcomeOf(await client.callTool({ name, arguments: args })),
  };
}

/** A result as the tests look at it. */
export function outcomeOf(result: Awaited<ReturnType<Client["callTool"]>>): Outcome {
  const [content] = result.content;
  return {
    text: content?.type === "text" ? content.text : "",
    isError: result.isError === true,
    data: result.structuredContent,
    error: result._meta?.[ERROR_DATA] as Outcome["error"],
  };
}

async function simulatorOf(wanted: SessionOptions["simulator"] = {}): Promise<Simulator> {
  if ("stop" in wanted) return wanted;
  const simulator = await startSimulator(wanted);
  endings.push(() => simulator.stop());
  return simulator;
}
