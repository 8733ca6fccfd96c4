/** A client from npm, with an API key, calls every tool over HTTP; and so do requests by hand. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TOOLS } from "../../src/tools/index.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { EXAMPLES, POLICY } from "../docs/examples.ts";
import { ERAS, type Era, outcomeOf } from "../mcp/session.ts";
import { encryptedConfig, startCluster } from "../proofs/stdio-client.ts";
import { sealer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { API_KEY, type Connecting, openHttp, spawnHttp } from "./http-session.ts";
import { OPERATIONS } from "./operation-examples.ts";

const POLICY_FULL = { ...POLICY, mode: "full" } as const;

/** The example of a tool, with a task that the cluster has. */
function argumentsOf(name: string, tasks: Iterable<string>): Record<string, unknown> {
  const example = OPERATIONS[name] ?? EXAMPLES[name];
  if (example === undefined) throw new Error(`${name} has no example`);
  const [upid] = [...tasks].slice(-1);
  return { ...example, ...("upid" in example ? { upid } : {}) };
}

describe.each(ERAS)("%s", (era) => {
  test("a key that may do everything is told of every tool", async () => {
    const server = await openHttp({ policy: POLICY_FULL });
    const client = await server.connect({ era });
    expect(client.getNegotiatedProtocolVersion()).toBe(era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => name));
  });

  // Each on a cluster of its own: what one has changed does not matter to the next.
  test("every tool does what its example says", async () => {
    const done = await Promise.all(TOOLS.map((tool) => runExample(tool, era)));
    expect(done).toEqual(TOOLS.map(expected));
  });
});

/** What is to be seen of a tool's example. */
interface Seen {
  readonly name: string;
  readonly error: unknown;
  /** Whether it says that Proxmox did something; `undefined` where it has nothing to say of that. */
  readonly done: unknown;
  /** How many tasks there are more. */
  readonly tasks: number;
  readonly hasText: boolean;
}

function expected({ name, effect }: Tool): Seen {
  const isOperation = effect === "change" || effect === "destroy";
  const done = isOperation ? true : undefined;
  return { name, error: undefined, done, tasks: isOperation ? 1 : 0, hasText: true };
}

async function runExample({ name }: Tool, era: Era): Promise<Seen> {
  const server = await openHttp({ policy: POLICY_FULL });
  const { tasks } = server.simulator.state;
  const client = await server.connect({ era });
  // With the list the client has the schemas, and it refuses a result that is not as they say.
  await client.listTools();
  const before = tasks.size;
  const call = { name, arguments: argumentsOf(name, tasks.keys()) };
  const { text, data, error } = outcomeOf(await client.callTool(call));
  const { done } = (data ?? {}) as { readonly done?: unknown };
  return { name, error, done, tasks: tasks.size - before, hasText: text !== "" };
}

describe("the person at the client", () => {
  const DELETE = { name: "delete_vm", arguments: OPERATIONS["delete_vm"] ?? {} };

  async function deleteWith(era: Era, action: "accept" | "decline") {
    const server = await openHttp({ policy: POLICY_FULL });
    const options: Connecting["options"] = { capabilities: { elicitation: { form: {} } } };
    const client = await server.connect({ era, options });
    const questions: string[] = [];
    client.setRequestHandler("elicitation/create", ({ params }) => {
      questions.push(params.message);
      return { action, ...(action === "accept" ? { content: {} } : {}) };
    });
    const { isError, error } = outcomeOf(await client.callTool(DELETE));
    const isThere = server.simulator.state.guests.has(108);
    return { questions, isError, code: error?.code, isThere };
  }

  test("is asked before something is deleted, and may say yes", async () => {
    const { questions, ...outcome } = await deleteWith("2026-07-28", "accept");
    expect(questions).toEqual([expect.stringContaining("108")]);
    expect(outcome).toEqual({ isError: false, code: undefined, isThere: false });
  });

  test("may say no", async () => {
    const { questions, ...outcome } = await deleteWith("2026-07-28", "decline");
    expect(questions).toHaveLength(1);
    expect(outcome).toEqual({ isError: true, code: "CANCELLED", isThere: true });
  });

  // There is no session in which an answer could come back: the confirmation has to do.
  test("cannot be asked in the older era", async () => {
    const { questions, ...outcome } = await deleteWith("2025-11-25", "decline");
    expect(questions).toEqual([]);
    expect(outcome).toEqual({ isError: false, code: undefined, isThere: false });
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

  test.each([
    ["without a key", null],
    ["with a wrong key", `${API_KEY}-`],
  ])("%s learns nothing and reaches nothing", async (_, key) => {
    const server = await openHttp();
    const answer = await server.rpc("tools/call", call, { key });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
    expect(await answer.json()).toEqual({
      jsonrpc: "2.0",
      id: null,
      error: {
        code: expect.any(Number),
        message: expect.any(String),
        data: { code: "UNAUTHORIZED", hint: expect.any(String) },
      },
    });
    expect(server.simulator.state.listings).toBe(0);
  });
});

/** A message as JSON, or as the one event of a stream. */
function messageIn(body: string): unknown {
  return JSON.parse(/^data: (.*)$/m.exec(body)?.[1] ?? body);
}

test("the built server takes the API key from an encrypted config", async () => {
  const cwd = scratch();
  const api_key = await sealer.seal(API_KEY, "/http/api_keys/example");
  const http = { enabled: true, port: 0, api_keys: { example: api_key } };
  writeFileSync(join(cwd, "config.json"), await encryptedConfig(await startCluster(), { http }), {
    mode: 0o600,
  });
  const server = await spawnHttp(["config.json"], { cwd });
  for (const era of ERAS) {
    const client = await server.connect({ era });
    const call = { name: "get_vms", arguments: { node: "pve1", name: "web" } };
    const { data } = outcomeOf(await client.callTool(call));
    expect(data).toMatchObject({ guests: [{ vmid: 100, name: "web" }] });
  }
  const answer = await server.rpc("tools/list", {}, { key: `${API_KEY}-` });
  expect(answer.status).toBe(401);
  expect(server.serving.stderr()).not.toContain(API_KEY);
});
