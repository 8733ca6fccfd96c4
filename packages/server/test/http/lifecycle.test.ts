import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { outcomeOf } from "../mcp/session.ts";
import { sealer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { type NodesHost, startNodesHost } from "../serve/nodes-host.ts";
import { configFor } from "../serve/serving.ts";
import { API_KEY, type SpawnedServer, spawnHttp } from "./http-session.ts";
import { subscribe } from "./subscription.ts";

async function serveNodes(): Promise<{ server: SpawnedServer; host: NodesHost }> {
  const host = await startNodesHost("first");
  const cwd = scratch();
  const api_keys = { example: await sealer.seal(API_KEY, "/http/api_keys/example") };
  const http = { enabled: true, port: 0, api_keys };
  writeFileSync(join(cwd, "config.json"), await configFor(host, { http }));
  return { host, server: await spawnHttp(["--debug", "config.json"], { cwd }) };
}

const CALL = { name: "get_nodes", arguments: {} };

describe("SIGTERM in the middle of calls", () => {
  test("loses none of them", async () => {
    const { server, host } = await serveNodes();
    const release = host.hold();
    // The head of an answer comes as soon as its call is taken.
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => server.rpc("tools/call", CALL)),
    );
    server.serving.process.kill("SIGTERM");
    await server.serving.logged("waits for calls");
    release();
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain("first");
    }
    expect(await server.serving.ended).toBe(0);
    const ending = await server.serving.logged("the server ends");
    expect(ending).toMatchObject({ ending: "SIGTERM" });
    expect(ending).not.toHaveProperty("given_up");
  });

  test("loses none of a client of either era", async () => {
    const { server, host } = await serveNodes();
    const clients = [
      await server.connect({ era: "2025-11-25" }),
      await server.connect({ era: "2026-07-28" }),
    ];
    const release = host.hold();
    const calls = clients.map((client) => client.callTool(CALL));
    await expect.poll(() => host.seen.length).toBe(2);
    server.serving.process.kill("SIGTERM");
    await server.serving.logged("waits for calls");
    release();
    for (const call of calls) expect(outcomeOf(await call).text).toContain("first");
    expect(await server.serving.ended).toBe(0);
  });

  test("takes what is sent on open connections, takes no new ones, and is not ready", async () => {
    const { server, host } = await serveNodes();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const release = host.hold();
    const asked = host.asked();
    const call = server.rpc("tools/call", CALL);
    await asked;
    // A request whose headers have come in part: the connection is not idle.
    const { hostname, port } = new URL(server.url);
    const begun = connect(Number(port), hostname);
    onTestFinished(() => void begun.destroy());
    await once(begun, "connect");
    begun.write(`GET /readyz HTTP/1.1\r\nHost: ${hostname}\r\n`);
    // Answered once the server has read what was written before.
    expect((await ask(`${server.origin}/livez`, agent)).status).toBe(200);

    server.serving.process.kill("SIGTERM");
    await server.serving.logged("waits for calls");
    begun.write("\r\n");
    const answer = await textOf(begun);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toContain('"reasons":["draining"]');
    await expect(fetch(`${server.origin}/livez`)).rejects.toThrow();
    release();
    expect(await (await call).text()).toContain("first");
    expect(await server.serving.ended).toBe(0);
  });

  test("ends streams of clients that listen, with their result", async () => {
    const { server } = await serveNodes();
    const stream = await subscribe(server);
    server.serving.process.kill("SIGTERM");
    const text = await stream.text();
    expect(text).toContain('"resultType":"complete"');
    expect(await server.serving.ended).toBe(0);
    expect(await server.serving.logged("the server ends")).not.toHaveProperty("given_up");
  });

  test("gives up calls that do not end, and their answers say so", async () => {
    const { server, host } = await serveNodes();
    host.hold();
    const asked = host.asked();
    const call = server.rpc("tools/call", CALL);
    await asked;
    server.serving.process.kill("SIGTERM");
    expect(await (await call).text()).toContain("CANCELLED");
    expect(await server.serving.ended).toBe(0);
    expect(await server.serving.logged("the server ends")).toMatchObject({
      given_up: "calls in flight",
    });
  });

  test("does not stand in the way of a second signal", async () => {
    const { server, host } = await serveNodes();
    host.hold();
    const asked = host.asked();
    server.rpc("tools/call", CALL).catch(() => {});
    await asked;
    server.serving.process.kill("SIGTERM");
    await server.serving.logged("waits for calls");
    server.serving.process.kill("SIGTERM");
    expect(await server.serving.ended).toBe("SIGTERM");
  });
});

test("connections that say nothing do not hold the end up", async () => {
  const { server } = await serveNodes();
  const { hostname, port } = new URL(server.url);
  const silent = connect(Number(port), hostname);
  onTestFinished(() => void silent.destroy());
  await once(silent, "connect");
  expect((await server.fetch("/livez")).status).toBe(200);
  server.serving.process.kill("SIGINT");
  await once(silent, "close");
  expect(await server.serving.ended).toBe(0);
  expect(await server.serving.logged("the server ends")).not.toHaveProperty("given_up");
  // Without this line it was ended by the clock.
  await server.serving.logged('"event":"stop"');
});

test("clients that go away in the middle of anything leave no word but the log's", async () => {
  const { server, host } = await serveNodes();
  const { hostname, port } = new URL(server.url);
  const half = connect(Number(port), hostname);
  const lines = [
    "POST /api/mcp HTTP/1.1",
    `Host: ${hostname}:${port}`,
    `Authorization: Bearer ${API_KEY}`,
    "Content-Type: application/json",
    "Content-Length: 100",
    "",
    "{",
  ];
  half.write(lines.join("\r\n"), () => half.destroy());
  const gone = async () => (await server.fetch("/metrics", { key: API_KEY })).text();
  await expect.poll(gone).toContain('http_requests_total{route="mcp",status="499"} 1');
  const stream = await subscribe(server);
  await stream.cancel();
  host.hold();
  const control = new AbortController();
  const call = await server.rpc("tools/call", CALL, { signal: control.signal });
  control.abort();
  await expect(call.text()).rejects.toThrow();
  expect(await server.serving.logged('"event":"end"')).toMatchObject({ outcome: "CANCELLED" });
  server.serving.process.kill("SIGTERM");
  expect(await server.serving.ended).toBe(0);
  const other = server.serving
    .stderr()
    .split("\n")
    .filter((line) => !/^(\{.*)?$/.test(line));
  expect(other).toEqual([]);
  const grave = server.serving.log().filter(({ level }) => level === "error" || level === "warn");
  expect(grave).toEqual([]);
});

async function ask(url: string, agent: Agent): Promise<{ status: number | undefined }> {
  const asking = request(url, { agent });
  asking.end();
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  await textOf(answer);
  return { status: answer.statusCode };
}

async function textOf(stream: IncomingMessage | Socket): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
