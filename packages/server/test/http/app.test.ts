import { EventEmitter, once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { CallOutcome, CallRecorder } from "../../src/mcp/call-record.ts";
import { ERAS, outcomeOf } from "../mcp/session.ts";
import { API_KEY, openHttp } from "./http-session.ts";
import { subscribe } from "./subscription.ts";

const EXEC = { exec: { allow: ["sleep *"], shell: false, timeout: 60, max_output: 65_536 } };
const SLEEP = (seconds: number) => ({
  name: "execute_vm_command",
  arguments: { node: "pve1", vmid: 100, command: `sleep ${seconds}` },
});

describe.each(ERAS)("%s: a client of the SDK", (era) => {
  test("is greeted, lists tools and calls one", async () => {
    const server = await openHttp();
    const client = await server.connect({ era });
    expect(client.getServerVersion()?.name).toBe("proxmox-mcp-server");
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("get_vms");
    const { isError, text } = outcomeOf(await client.callTool({ name: "get_nodes" }));
    expect({ isError, text }).toEqual({ isError: false, text: expect.stringContaining("pve1") });
  });

  test("sees the progress of a long call", async () => {
    const server = await openHttp({ policy: EXEC });
    const client = await server.connect({ era });
    const seen: (string | undefined)[] = [];
    const result = await client.callTool(SLEEP(1), {
      onprogress: ({ message }) => seen.push(message),
    });
    expect(result.isError).not.toBe(true);
    expect(seen[0]).toMatch(/^process \d+ has run for \d+ s$/);
  });

  test("that goes away ends its call", async () => {
    const { recorder, ended } = listening();
    const server = await openHttp({ policy: EXEC, recorders: [recorder] });
    const client = await server.connect({ era });
    const call = client.callTool(SLEEP(600), { onprogress: () => void client.close() });
    await expect(call).rejects.toThrow();
    expect(await ended).toMatchObject({ outcome: "CANCELLED" });
  });

  test("that goes away before there is anything to read ends its call, too", async () => {
    const { recorder, began, ended } = listening();
    const server = await openHttp({ policy: EXEC, recorders: [recorder] });
    const client = await server.connect({ era });
    const call = client.callTool(SLEEP(600));
    await began;
    await client.close();
    await expect(call).rejects.toThrow();
    expect(await ended).toMatchObject({ outcome: "CANCELLED" });
  });

  test("is another one for policy with another API key", async () => {
    const keys = { reader: "example-key-of-the-reader", operator: "example-key-of-the-operator" };
    const server = await openHttp({
      http: { api_keys: keys },
      policy: { keys: { operator: { mode: "read-only", allow: [], deny: ["get_vms"] } } },
    });
    const [reader, operator] = [
      await server.connect({ era, key: keys.reader }),
      await server.connect({ era, key: keys.operator }),
    ];
    const namesOf = async (client: typeof reader) =>
      (await client.listTools()).tools.map(({ name }) => name);
    expect(await namesOf(reader)).toContain("get_vms");
    expect(await namesOf(operator)).not.toContain("get_vms");
    const { isError, error } = outcomeOf(await operator.callTool({ name: "get_vms" }));
    expect({ isError, code: error.code }).toEqual({ isError: true, code: "POLICY_DENIED" });
  });
});

test("a client that listens is told when a reload offers other tools, and only then", async () => {
  const server = await openHttp();
  const lists: (readonly string[])[] = [];
  let told = (): void => {};
  const onChanged = (_: unknown, tools: readonly { readonly name: string }[] | null): void => {
    lists.push(tools?.map(({ name }) => name) ?? []);
    told();
  };
  await server.connect({
    era: "2026-07-28",
    options: { listChanged: { tools: { onChanged, debounceMs: 0 } } },
  });
  server.replace({ http: { body_limit: 2048 } });
  const changed = new Promise<void>((resolve) => {
    told = resolve;
  });
  server.replace({ policy: { deny: ["get_vms"] } });
  await changed;
  expect(lists).toHaveLength(1);
  expect(lists[0]).not.toContain("get_vms");
});

test("a body that arrives after its key was removed is not served, whatever others may do", async () => {
  const keys = { stays: "example-key-that-stays", goes: "example-key-that-goes" };
  const heard: unknown[] = [];
  const recorder: CallRecorder = { ended: (call) => heard.push(call) };
  const server = await openHttp({
    http: { api_keys: keys },
    policy: { mode: "full", keys: { goes: { mode: "none", allow: [], deny: [] } } },
    recorders: [recorder],
  });
  const params = { name: "get_nodes", arguments: {} };
  const message = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const asking = request(server.url, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${keys.goes}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "Content-Length": message.length,
    },
  });
  asking.write(message.slice(0, 10));
  // By its answer the server has read what was sent before.
  expect((await server.fetch("/livez")).status).toBe(200);
  server.replace({ http: { api_keys: { stays: keys.stays } }, policy: { mode: "full" } });
  asking.end(message.slice(10));
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  expect(answer.statusCode).toBe(401);
  answer.resume();
  expect(heard).toEqual([]);
});

test("a client that listens hears no more once its key is gone, and others go on", async () => {
  const keys = { stays: "example-key-that-stays", goes: "example-key-that-goes" };
  const server = await openHttp({ http: { api_keys: keys } });
  const [stays, goes] = [await subscribe(server, keys.stays), await subscribe(server, keys.goes)];
  const ended = goes.text();
  server.replace({ http: { api_keys: { stays: keys.stays } }, policy: { deny: ["get_vms"] } });
  expect(await ended).toContain("acknowledged");
  await stays.until("list_changed");
  await stays.cancel();
});

describe("an answer", () => {
  test("is kept by nobody, taken for nothing else, and has the name of its request", async () => {
    const server = await openHttp();
    const initialize = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    };
    const answers = {
      initialize: await server.rpc("initialize", initialize),
      list: await server.rpc("tools/list"),
      call: await server.rpc("tools/call", { name: "get_nodes", arguments: {} }),
      refused: await server.rpc("tools/list", {}, { key: null }),
      livez: await server.fetch("/livez"),
      unknown: await server.fetch("/nothing"),
      metrics: await server.fetch("/metrics", { key: API_KEY }),
    };
    for (const [name, { status, headers }] of Object.entries(answers)) {
      expect({ name, status, cache: headers.get("cache-control") }).toEqual({
        name,
        status: { refused: 401, unknown: 404 }[name] ?? 200,
        cache: expect.stringContaining("no-store"),
      });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
    }
    expect(answers.livez.headers.get("content-type")).toBe("application/json");
    expect(await answers.livez.json()).toEqual({ status: "alive" });
  });

  test.each<[string, string, string, number, string | null]>([
    ["GET", "the endpoint", "/api/mcp", 405, "POST"],
    ["DELETE", "the endpoint", "/api/mcp", 405, "POST"],
    ["PUT", "the endpoint", "/api/mcp", 405, "POST"],
    ["HEAD", "the endpoint", "/api/mcp", 405, "POST"],
    ["OPTIONS", "the endpoint", "/api/mcp", 405, "POST"],
    ["HEAD", "a probe", "/livez", 200, null],
    ["HEAD", "a probe", "/readyz", 200, null],
    ["POST", "a probe", "/livez", 405, "GET, HEAD"],
    ["OPTIONS", "a probe", "/readyz", 405, "GET, HEAD"],
    ["POST", "the metrics", "/metrics", 405, "GET, HEAD"],
    ["GET", "the endpoint with a slash", "/api/mcp/", 404, null],
    ["GET", "the root", "/", 404, null],
    ["POST", "another path", "/api/mcp/x", 404, null],
    ["GET", "the metadata of OAuth", "/.well-known/oauth-protected-resource", 404, null],
  ])("to %s of %s is as documented", async (method, _, path, status, allow) => {
    const server = await openHttp();
    const answer = await server.fetch(path, { method, key: API_KEY });
    expect({ status: answer.status, allow: answer.headers.get("allow") }).toEqual({
      status,
      allow,
    });
  });

  test("to another type of body, or to a client that takes no stream, says so", async () => {
    const server = await openHttp();
    const typed = await server.rpc("tools/list", {}, { headers: { "content-type": "text/plain" } });
    expect(typed.status).toBe(415);
    const picky = await server.rpc("tools/list", {}, { headers: { accept: "text/html" } });
    expect(picky.status).toBe(406);
  });

  test("to what is no JSON quotes nothing of it, nor does the log", async () => {
    const server = await openHttp();
    const answer = await server.rpc("tools/list", {}, { body: '{"example-secret' });
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain("example-secret");
    expect(JSON.stringify(server.log)).not.toContain("example-secret");
  });

  test("that is a refusal is JSON-RPC at the endpoint and plain JSON elsewhere", async () => {
    const server = await openHttp();
    expect(await (await server.rpc("tools/list", {}, { key: null })).json()).toEqual({
      jsonrpc: "2.0",
      id: null,
      error: {
        code: -32_000,
        message: expect.any(String),
        data: { code: "UNAUTHORIZED", hint: expect.stringContaining("http.api_keys") },
      },
    });
    expect(await (await server.fetch("/metrics")).json()).toEqual({
      error: {
        code: "UNAUTHORIZED",
        message: expect.any(String),
        hint: expect.stringContaining("http.api_keys"),
      },
    });
  });
});

describe("a body beyond http.body_limit", () => {
  const LARGE = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "ping",
    params: { x: "x".repeat(4096) },
  });

  test.each([
    ["by its length", false],
    ["in chunks", true],
  ])("is refused %s, and the client is answered again", async (_, isChunked) => {
    const server = await openHttp({ http: { body_limit: 1024 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (body: string): Promise<{ status: number | undefined; text: string }> =>
      post(server.url, body, { agent, isChunked });
    const refused = await send(LARGE);
    expect(refused.status).toBe(413);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { data: { code: "BODY_TOO_LARGE" } } });
    const ping = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "ping", params: {} });
    const next = await send(ping);
    expect(next).toMatchObject({ status: 200, text: expect.stringContaining('"id":2') });
    agent.destroy();
  });

  test("is measured by the config in force", async () => {
    const server = await openHttp({ http: { body_limit: 1024 } });
    server.replace({ http: { body_limit: 8192 } });
    expect((await post(server.url, LARGE)).status).toBe(200);
  });

  test("is not waited for: the answer comes while it is being sent", async () => {
    const server = await openHttp({ http: { body_limit: 1024 } });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      [
        "POST /api/mcp HTTP/1.1",
        `Host: ${hostname}:${port}`,
        `Authorization: Bearer ${API_KEY}`,
        "Content-Type: application/json",
        "Content-Length: 60000000",
        "",
        "{",
      ].join("\r\n"),
    );
    const [chunk] = (await once(socket, "data")) as [Buffer];
    expect(chunk.toString("latin1")).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});

describe("what is hardly HTTP", () => {
  const raw = async (url: string, text: string): Promise<string> => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.end(text);
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  };

  test.each<[string, number, string]>([
    ["no request", 400, "example-nonsense\r\n\r\n"],
    ["no Host", 400, "GET /livez HTTP/1.1\r\n\r\n"],
    ["no Host, as HTTP/1.0 allows", 400, "GET /livez HTTP/1.0\r\n\r\n"],
    ["a Host with a path", 400, "GET /livez HTTP/1.1\r\nHost: example-nonsense/x\r\n\r\n"],
    [
      "a body of two lengths",
      400,
      "POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    [
      "a header of 20 KiB",
      431,
      `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_480)}\r\n\r\n`,
    ],
    ["101 headers", 431, `GET /livez HTTP/1.1\r\nHost: localhost\r\n${"X: x\r\n".repeat(100)}\r\n`],
  ])("%s is refused without an echo of it", async (_, status, text) => {
    const server = await openHttp();
    const answer = await raw(server.url, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.[01] ${status} `));
    expect(answer).toContain('{"error":{"code":"');
    expect(answer).not.toContain("example-nonsense");
  });

  test("100 headers are answered", async () => {
    const server = await openHttp();
    const headers = "X: x\r\n".repeat(98);
    const text = `GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`;
    expect(await raw(server.url, text)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

/** A recorder, and the beginning and the end of the first call that it hears of. */
function listening(): {
  recorder: CallRecorder;
  began: Promise<void>;
  ended: Promise<CallOutcome>;
} {
  const calls = new EventEmitter();
  const recorder: CallRecorder = {
    begins: () => void calls.emit("begin"),
    ended: (_, outcome) => void calls.emit("end", outcome),
  };
  return {
    recorder,
    began: once(calls, "begin").then(() => {}),
    ended: once(calls, "end").then(([outcome]) => outcome as CallOutcome),
  };
}

async function post(
  url: string,
  body: string,
  { agent, isChunked = false }: { agent?: Agent; isChunked?: boolean } = {},
): Promise<{ status: number | undefined; text: string }> {
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    authorization: `Bearer ${API_KEY}`,
    ...(isChunked ? { "transfer-encoding": "chunked" } : { "content-length": body.length }),
  };
  const sending = request(url, { method: "POST", headers, ...(agent && { agent }) });
  sending.end(body);
  const [answer] = (await once(sending, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode, text };
}
