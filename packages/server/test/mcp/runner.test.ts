import type { CallToolResult } from "@modelcontextprotocol/server";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import type { CallFacts, CallOutcome, CallRecorder } from "../../src/mcp/call-record.ts";
import { callTool } from "../../src/mcp/call-tool.ts";
import { ERROR_DATA } from "../../src/mcp/outcome.ts";
import { STDIO_CALLER } from "../../src/policy/caller.ts";
import type { Api } from "../../src/proxmox/api.ts";
import { NODES, VERSION } from "../../src/proxmox/endpoints.ts";
import { defineTool, type Tool, type ToolContext } from "../../src/tools/tool.ts";
import { serverConfig } from "../config.ts";

const config = serverConfig();
const ID = "0102030405060708";

interface Attempt {
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly tool?: Partial<Pick<Tool, "mode">>;
  readonly recorder?: CallRecorder;
}

/** Runs a tool of which only the doing is of interest. */
async function runTool(
  run: (context: ToolContext) => Promise<Record<string, unknown>>,
  attempt: Attempt = {},
) {
  const tool: Tool = defineTool({
    name: "example",
    title: "Example",
    description: "",
    mode: attempt.tool?.mode ?? "read-only",
    effect: "change",
    recorded: ["vmid", "name"],
    calls: [NODES],
    input: z.strictObject({
      vmid: z.int({ error: "a number" }).optional(),
      name: z.string({ error: "a text" }).optional(),
      password: z.string({ error: "a text" }).optional(),
    }),
    output: z.object({ found: z.number() }),
    run: (_, context) => run(context) as Promise<{ found: number }>,
    text: ({ found }) => `found ${found}`,
  });
  const api: Api = { call: async ({ path }) => path };
  const log: unknown[][] = [];
  const begun: CallFacts[] = [];
  const ended: [CallFacts, CallOutcome][] = [];
  const recorder: CallRecorder = {
    begins: (call) => begun.push(call),
    ended: (call, outcome) => ended.push([call, outcome]),
  };
  let held = 0;
  let time = 0;
  const result = await callTool(
    tool,
    {
      arguments: attempt.arguments ?? {},
      signal: new AbortController().signal,
      ending: new AbortController().signal,
      progress: () => {},
      caller: STDIO_CALLER,
      approve: () => Promise.resolve(),
    },
    {
      deployments: {
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
      },
      recorders: [...(attempt.recorder ? [attempt.recorder] : []), recorder],
      random: (size) => Uint8Array.from({ length: size }, (_, index) => index + 1),
      log: (...entry) => log.push(entry),
      now: () => {
        time += 5;
        return new Date(time);
      },
    },
  );
  expect(held).toBe(0);
  return { result, log, begun, ended };
}

const FACTS = {
  id: ID,
  time: new Date(5),
  tool: "example",
  effect: "change",
  caller: STDIO_CALLER,
};

test("a call is recorded with its end and duration, and its result has what the schema names", async () => {
  const { result, log, begun, ended } = await runTool(async ({ about, started }) => {
    about("qemu/100 web on pve1");
    started("UPID:example:1");
    started("UPID:example:2");
    return { found: 3, secret: "hunter2" };
  });
  expect(result).toEqual({
    content: [{ type: "text", text: "found 3" }],
    structuredContent: { found: 3 },
  });
  expect(begun).toEqual([{ ...FACTS, arguments: {} }]);
  const outcome = {
    outcome: "ok",
    duration: 5,
    target: "qemu/100 web on pve1",
    upids: ["UPID:example:1", "UPID:example:2"],
  };
  expect(ended).toEqual([[{ ...FACTS, arguments: {} }, outcome]]);
  expect(log).toEqual([]);
});

test("a record holds the arguments that may be in it, once they were checked", async () => {
  const given = { vmid: 100, password: "hunter2" };
  const { begun, ended } = await runTool(async () => ({ found: 1 }), { arguments: given });
  expect(begun).toMatchObject([{ arguments: { vmid: 100 } }]);
  expect(ended).toMatchObject([[{ arguments: { vmid: 100 } }, { outcome: "ok" }]]);
  expect(JSON.stringify([begun, ended])).not.toContain("hunter2");
});

test("a failure is recorded by its code", async () => {
  const { result, ended } = await runTool(async ({ started }) => {
    started("UPID:example");
    throw new ProxmoxMcpError("PROXMOX_TIMEOUT", "no answer", { hint: "wait" });
  });
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: "error[PROXMOX_TIMEOUT]: no answer. Way out: wait." }],
  });
  const outcome = { outcome: "PROXMOX_TIMEOUT", duration: 5, upids: ["UPID:example"] };
  expect(ended).toMatchObject([[FACTS, { ...outcome, target: undefined }]]);
});

test.each<[string, Attempt, string]>([
  ["policy", { tool: { mode: "full" } }, "POLICY_DENIED"],
  ["its arguments", { arguments: { vmid: "hunter2" } }, "USAGE"],
])("a call that is refused for %s does not begin, and is recorded", async (_, attempt, code) => {
  const run = () => Promise.reject(new Error("it ran"));
  const { result, begun, ended } = await runTool(run, attempt);
  expect(result).toMatchObject({ isError: true, _meta: { [ERROR_DATA]: { code } } });
  expect(begun).toEqual([]);
  expect(ended).toMatchObject([[{ ...FACTS, arguments: {} }, { outcome: code }]]);
});

test("a call that cannot be recorded is not run", async () => {
  const recorder: CallRecorder = {
    begins() {
      throw new ProxmoxMcpError("AUDIT_FAILED", "example is not run", { hint: "ask" });
    },
    ended: () => {},
  };
  const run = () => Promise.reject(new Error("it ran"));
  const { result, ended } = await runTool(run, { recorder });
  expect(result).toMatchObject({ _meta: { [ERROR_DATA]: { code: "AUDIT_FAILED" } } });
  expect(ended).toMatchObject([[FACTS, { outcome: "AUDIT_FAILED" }]]);
});

test.each<[string, (context: ToolContext) => Promise<Record<string, unknown>>]>([
  ["throws", () => Promise.reject(new Error("hunter2 at line 7"))],
  ["throws no error", () => Promise.reject("hunter2")],
  ["breaks its schema", async () => ({ found: "hunter2" })],
  [
    "calls what it did not name",
    async ({ api }) => ({ found: [await api.call(VERSION, { values: {} })].length }),
  ],
])("a tool that %s is an unexpected failure without a stack", async (_, run) => {
  const { result, log, ended } = await runTool(run);
  expect(result).toMatchObject({
    isError: true,
    _meta: { [ERROR_DATA]: { code: "UNEXPECTED" } },
  });
  const [content] = (result as CallToolResult).content;
  const text = content?.type === "text" ? content.text : "";
  expect(text).toMatch(/^error\[UNEXPECTED\]: [\w ()]+\. Way out: the server's log [^\n]+\.$/);
  expect(JSON.stringify(result)).not.toMatch(/hunter2|zod|\.ts:/i);
  expect(ended).toMatchObject([[FACTS, { outcome: "UNEXPECTED" }]]);
  expect(log).toEqual([["debug", "unexpected failure", { stack: expect.any(String) }]]);
});

test("a tool reaches the endpoints that it names", async () => {
  const { result } = await runTool(async ({ api }) => ({
    found: (await api.call(NODES, { values: {} })) === "/nodes" ? 1 : 0,
  }));
  expect(result.structuredContent).toEqual({ found: 1 });
});
