/** A client from npm, with an API key, calls every tool over HTTP; and so do requests by hand. */
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { createIdentity } from "../../src/simulator/certificate.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { EXAMPLES, POLICY } from "../docs/examples.ts";
import { ERAS, type Era, outcomeOf } from "../mcp/session.ts";
import { CASES } from "../operations/cases.ts";
import { openHttp } from "./http-session.ts";

const POLICY_FULL = { ...POLICY, mode: "full" } as const;

const identity = createIdentity({ now: () => new Date(), random: randomBytes });

async function connected(era: Era) {
  const simulator = await startSimulator({ identity, delays: { task: 0 } });
  onTestFinished(() => simulator.stop());
  const server = await openHttp({ policy: POLICY_FULL, simulator });
  const client = await server.connect({ era });
  // With the list the client has the schemas, and it refuses a result that is not as they say.
  const { tools } = await client.listTools();
  const { tasks } = simulator.state;
  const call = async (name: string, args: Readonly<Record<string, unknown>>) => {
    const before = tasks.size;
    const outcome = outcomeOf(await client.callTool({ name, arguments: { ...args } }));
    const { done } = (outcome.data ?? {}) as { readonly done?: unknown };
    const { error, text } = outcome;
    return { name, error, done, tasks: tasks.size - before, hasText: text !== "" };
  };
  return { client, tools, tasks, call };
}

describe.each(ERAS)("%s", (era) => {
  test("a key that may do everything is told of every tool, and those that read do", async () => {
    const { client, tools, tasks, call } = await connected(era);
    expect(client.getNegotiatedProtocolVersion()).toBe(era);
    expect(tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => name));
    const [upid] = tasks.keys();
    for (const { name } of TOOLS.filter((tool) => !(tool.name in CASES))) {
      const example = EXAMPLES[name] ?? {};
      const args = { ...example, ...("upid" in example ? { upid } : {}) };
      expect(await call(name, args)).toEqual({
        ...{ name, error: undefined, done: undefined, tasks: 0, hasText: true },
      });
    }
  });

  // Each on a cluster of its own: what one has changed does not matter to the next.
  test("every operation is carried out, once", async () => {
    for (const [name, { args }] of Object.entries(CASES)) {
      const { call } = await connected(era);
      expect(await call(name, args)).toEqual({
        ...{ name, error: undefined, done: true, tasks: 1, hasText: true },
      });
    }
  });
});

describe("a request by hand", () => {
  const call = { name: "get_vms", arguments: { node: "pve1", name: "web" } };
  const found = expect.objectContaining({ vmid: 100, name: "web" });

  test("needs neither a greeting nor a session", async () => {
    const server = await openHttp();
    const answer = await server.rpc("tools/call", call);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("mcp-session-id")).toBeNull();
    expect(messageIn(await answer.text())).toMatchObject({
      jsonrpc: "2.0",
      id: 1,
      result: { structuredContent: { guests: [found] } },
    });
  });

  test("of 2026-07-28 says in headers and in the body what it is", async () => {
    const server = await openHttp();
    const params = {
      ...call,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    };
    const headers = {
      "Mcp-Protocol-Version": "2026-07-28",
      "Mcp-Method": "tools/call",
      "Mcp-Name": "get_vms",
    };
    const answer = await server.rpc("tools/call", params, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
    expect(await answer.json()).toMatchObject({
      result: { resultType: "complete", structuredContent: { guests: [found] } },
    });
  });
});

/** A message as JSON, or as the one event of a stream. */
function messageIn(body: string): unknown {
  return JSON.parse(/^data: (.*)$/m.exec(body)?.[1] ?? body);
}
