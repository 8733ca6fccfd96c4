import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scratch } from "../scratch.ts";
import { gatedKey } from "./gated-key.ts";
import { startNodesHost } from "./nodes-host.ts";
import { configFor, type Serving, spawnServing, startServing } from "./serving.ts";

async function serveNodes(): Promise<{
  server: Serving;
  host: Awaited<ReturnType<typeof startNodesHost>>;
}> {
  const host = await startNodesHost("first");
  const cwd = scratch();
  writeFileSync(join(cwd, "config.json"), await configFor(host));
  return { host, server: await startServing(["--debug", "config.json"], { cwd }) };
}

describe("the server ends with 0", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("on %s", async (signal) => {
    const { server } = await serveNodes();
    server.process.kill(signal);
    expect(await server.ended).toBe(0);
    expect(await server.logged("the server ends")).toMatchObject({ ending: signal });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("on %s before it serves", async (signal) => {
    const host = await startNodesHost("first");
    const cwd = scratch();
    writeFileSync(join(cwd, "config.json"), await configFor(host));
    const { env, hold, release } = gatedKey(cwd);
    const asked = hold();
    const server = spawnServing(["config.json"], { cwd, env });
    await asked();
    server.process.kill(signal);
    expect(await server.ended).toBe(0);
    await release();
  });

  test("when the client closes its input", async () => {
    const { server } = await serveNodes();
    server.process.stdin.end();
    expect(await server.ended).toBe(0);
    expect(await server.logged("the server ends")).toMatchObject({ ending: "the client is gone" });
  });

  test("when the client closed its input before it started", async () => {
    const server = spawnServing(["--test-mode"], { cwd: scratch() });
    server.process.stdin.end();
    expect(await server.ended).toBe(0);
  });

  test("when the client reads no more, without a word of it", async () => {
    const { server } = await serveNodes();
    server.process.stdout.destroy();
    void server.request("ping");
    expect(await server.ended).toBe(0);
    expect(server.log().map(({ level }) => level)).not.toContain("warn");
  });
});

describe("a call in flight", () => {
  test.each([
    ["SIGTERM", (server: Serving) => server.process.kill("SIGTERM")],
    ["the end of the input", (server: Serving) => server.process.stdin.end()],
  ])("gets its answer after %s", async (_, stop) => {
    const { server, host } = await serveNodes();
    const release = host.hold();
    const asked = host.asked();
    const answer = server.call("get_nodes");
    await asked;
    stop(server);
    await server.logged("waits for calls");
    release();
    expect(await answer).toContain("first");
    expect(await server.ended).toBe(0);
  });

  test("that was cancelled is not waited for", async () => {
    const { server, host } = await serveNodes();
    host.hold();
    const asked = host.asked();
    void server.call("get_nodes");
    await asked;
    const params = { requestId: 2 };
    const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params };
    server.process.stdin.end(`${JSON.stringify(cancelled)}\n`);
    expect(await server.ended).toBe(0);
    expect(await server.logged("the server ends")).not.toHaveProperty("given_up");
  });

  test("that does not end is given up, and its answer says so", async () => {
    const { server, host } = await serveNodes();
    host.hold();
    const asked = host.asked();
    const answer = server.call("get_nodes");
    await asked;
    server.process.kill("SIGTERM");
    expect(await answer).toContain("CANCELLED");
    expect(await server.ended).toBe(0);
    expect(await server.logged("the server ends")).toMatchObject({ given_up: "calls in flight" });
  });

  test("does not stand in the way of a second signal", async () => {
    const { server, host } = await serveNodes();
    host.hold();
    const asked = host.asked();
    void server.call("get_nodes");
    await asked;
    server.process.kill("SIGTERM");
    await server.logged("waits for calls");
    server.process.kill("SIGTERM");
    expect(await server.ended).toBe("SIGTERM");
  });
});

test("requests that come with the end of the input are answered", async () => {
  const server = spawnServing(["--test-mode"], { cwd: scratch() });
  const clientInfo = { name: "test", version: "1" };
  const greeting = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  const [hello, tools] = [server.request("initialize", greeting), server.request("tools/list")];
  server.process.stdin.end();
  expect((await hello).result).toBeDefined();
  expect((await tools).result?.tools?.length).toBeGreaterThan(0);
  expect(await server.ended).toBe(0);
});
