/** Consent over HTTP, where no request knows of the one before it. */
import type { Client } from "@modelcontextprotocol/client";
import { expect, onTestFinished, test } from "vitest";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { type OpenServer, openHttp } from "../http/http-session.ts";
import { type Era, outcomeOf } from "../mcp/session.ts";

const POLICY = { mode: "full" } as const;
const DELETE = { name: "delete_vm", arguments: { vmid: 108, confirm: "stopped" } };

async function openServers(count: number): Promise<readonly OpenServer[]> {
  const simulator = await startSimulator({ delays: { task: 0 } });
  onTestFinished(() => simulator.stop());
  return Promise.all(Array.from({ length: count }, () => openHttp({ policy: POLICY, simulator })));
}

async function connectAsked(server: OpenServer, era: Era, action: "accept" | "decline") {
  const asked: string[] = [];
  const client = await server.connect({ era, options: { capabilities: { elicitation: {} } } });
  client.setRequestHandler("elicitation/create", ({ params }) => {
    asked.push(params.message);
    return { action, ...(action === "accept" ? { content: {} } : {}) };
  });
  return { client, asked };
}

test("2026-07-28: the person is asked between two requests", async () => {
  for (const action of ["decline", "accept"] as const) {
    const [server] = await openServers(1);
    if (server === undefined) throw new Error("no server");
    const { client, asked } = await connectAsked(server, "2026-07-28", action);
    const { isError, error } = outcomeOf(await client.callTool(DELETE));
    expect(asked).toHaveLength(1);
    expect(isError).toBe(action === "decline");
    if (isError) expect(error.code).toBe("CANCELLED");
    expect(server.simulator.state.guests.has(108)).toBe(isError);
  }
});

test("2025-11-25: nobody can be asked, and the confirmation is all there is", async () => {
  const [server] = await openServers(1);
  if (server === undefined) throw new Error("no server");
  const { client, asked } = await connectAsked(server, "2025-11-25", "decline");
  const wrong = { ...DELETE, arguments: { vmid: 108, confirm: "web" } };
  expect(outcomeOf(await client.callTool(wrong)).error.code).toBe("CONFIRMATION");
  expect(outcomeOf(await client.callTool(DELETE)).isError).toBe(false);
  expect(asked).toEqual([]);
  expect(server.simulator.state.guests.has(108)).toBe(false);
});

test("2026-07-28: the answer may come to another replica", async () => {
  const [first, second] = await openServers(2);
  if (first === undefined || second === undefined) throw new Error("no servers");
  const [one, other] = await Promise.all(
    [first, second].map((server) => connectAsked(server, "2026-07-28", "decline")),
  );
  const question = await round(one?.client, {});
  const [key = ""] = Object.keys(question.inputRequests ?? {});
  expect(first.simulator.state.guests.has(108)).toBe(true);
  const yes = { [key]: { action: "accept", content: {} } };
  expect(await round(other?.client, yes)).toMatchObject({ structuredContent: { done: true } });
  expect(first.simulator.state.guests.has(108)).toBe(false);
});

interface Round {
  readonly inputRequests?: Readonly<Record<string, unknown>>;
}

async function round(client: Client | undefined, inputResponses: object): Promise<Round> {
  const params = { ...DELETE, inputResponses };
  const options = { allowInputRequired: true };
  return (await client?.request(
    { method: "tools/call", params } as never,
    options as never,
  )) as Round;
}
