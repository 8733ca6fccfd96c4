import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { expect, test } from "vitest";
import { z } from "zod";
import { callTool } from "../../src/mcp/call-tool.ts";
import { ERROR_DATA } from "../../src/mcp/outcome.ts";
import type { Api } from "../../src/proxmox/api.ts";
import { NODES, VERSION } from "../../src/proxmox/endpoints.ts";
import { defineTool, type Tool, type ToolContext } from "../../src/tools/tool.ts";

const config = { logging: { level: "INFO", file: null } } as unknown as ServerConfig;

/** Runs a tool of which only the doing is of interest. */
async function runTool(run: (context: ToolContext) => Promise<Record<string, unknown>>) {
  const tool: Tool = defineTool({
    name: "example",
    title: "Example",
    description: "",
    effect: "read",
    calls: [NODES],
    input: z.strictObject({}),
    output: z.object({ found: z.number() }),
    run: (_, context) => run(context) as Promise<{ found: number }>,
    text: ({ found }) => `found ${found}`,
  });
  const api: Api = { call: async ({ path }) => path };
  const log: unknown[][] = [];
  let held = 0;
  let time = 0;
  const result = await callTool(
    tool,
    { arguments: {}, signal: new AbortController().signal, progress: () => {} },
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
      log: (...entry) => log.push(entry),
      now: () => {
        time += 5;
        return new Date(time);
      },
    },
  );
  expect(held).toBe(0);
  return { result, log };
}

test("a call is logged by name, end and duration, and its result has what the schema names", async () => {
  const { result, log } = await runTool(async () => ({ found: 3, secret: "hunter2" }));
  expect(result).toEqual({
    content: [{ type: "text", text: "found 3" }],
    structuredContent: { found: 3 },
  });
  expect(log).toEqual([["info", "tool call", { tool: "example", outcome: "ok", duration_ms: 5 }]]);
});

test("a failure is logged by its code", async () => {
  const { result, log } = await runTool(async () => {
    throw new ProxmoxMcpError("PROXMOX_TIMEOUT", "no answer", { hint: "wait" });
  });
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: "error[PROXMOX_TIMEOUT]: no answer. Way out: wait." }],
  });
  expect(log).toEqual([
    ["warn", "tool call", { tool: "example", outcome: "PROXMOX_TIMEOUT", duration_ms: 5 }],
  ]);
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
  const { result, log } = await runTool(run);
  expect(result).toMatchObject({
    isError: true,
    _meta: { [ERROR_DATA]: { code: "UNEXPECTED" } },
  });
  const [content] = result.content;
  const text = content?.type === "text" ? content.text : "";
  expect(text).toMatch(/^error\[UNEXPECTED\]: [\w ()]+\. Way out: the server's log [^\n]+\.$/);
  expect(JSON.stringify(result)).not.toMatch(/hunter2|zod|\.ts:/i);
  expect(log.map(([level, message]) => [level, message])).toEqual([
    ["error", "tool call"],
    ["debug", "unexpected failure"],
  ]);
});

test("a tool reaches the endpoints that it names", async () => {
  const { result } = await runTool(async ({ api }) => ({
    found: (await api.call(NODES, { values: {} })) === "/nodes" ? 1 : 0,
  }));
  expect(result.structuredContent).toEqual({ found: 1 });
});
