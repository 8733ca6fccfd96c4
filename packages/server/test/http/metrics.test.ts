import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scratch } from "../scratch.ts";
import { startNodesHost } from "../serve/nodes-host.ts";
import { configFor } from "../serve/serving.ts";
import { API_KEY, type HttpServer, openHttp, spawnHttp } from "./http-session.ts";
import { type Metric, parseMetrics, sampleValue } from "./prometheus-text.ts";

const HTTP = { port: 0, api_keys: { example: API_KEY } };

async function metricsOf(server: HttpServer): Promise<ReadonlyMap<string, Metric>> {
  const answer = await server.fetch("/metrics", { key: API_KEY });
  expect(answer.status).toBe(200);
  return parseMetrics(await answer.text());
}

function seriesOf(metrics: ReadonlyMap<string, Metric>): readonly string[] {
  const samples = [...metrics.values()].flatMap((metric) => metric.samples);
  return samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`).toSorted();
}

describe("GET /metrics", () => {
  test("is for those with a key, in the text format of Prometheus", async () => {
    const server = await openHttp();
    for (const key of [undefined, "example-of-a-wrong-key"]) {
      const answer = await server.fetch("/metrics", { key });
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toContain("proxmox_mcp_");
    }
    const answer = await server.fetch("/metrics", { key: API_KEY });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(parseMetrics(await answer.text()).size).toBeGreaterThan(10);
    const head = await server.fetch("/metrics", { method: "HEAD", key: API_KEY });
    expect({ status: head.status, body: await head.text() }).toEqual({ status: 200, body: "" });
  });

  test("counts calls by tool and outcome", async () => {
    const server = await openHttp();
    const client = await server.connect();
    await client.callTool({ name: "get_nodes" });
    await client.callTool({ name: "get_nodes" });
    await client.callTool({ name: "get_node_status", arguments: { node: "no-such-node" } });
    await client.callTool({ name: "stop_vm", arguments: { vmid: 100 } });
    // No label is a client's invention.
    await expect(client.callTool({ name: "no_such_tool" })).rejects.toThrow("there is no tool");
    const metrics = await metricsOf(server);
    const calls = metrics.get("proxmox_mcp_tool_calls_total")?.samples;
    expect(calls?.map(({ labels, value }) => [labels["tool"], labels["outcome"], value])).toEqual([
      ["get_nodes", "ok", 2],
      ["get_node_status", expect.stringMatching(/^[A-Z_]+$/), 1],
      ["stop_vm", "POLICY_DENIED", 1],
    ]);
    const duration = "proxmox_mcp_tool_call_duration_seconds";
    expect(sampleValue(metrics, `${duration}_count`, { tool: "get_nodes" })).toBe(2);
    expect(sampleValue(metrics, "proxmox_mcp_tool_calls_in_flight")).toBe(0);
  });

  test("counts requests by route and status, bad keys, and those that come too soon", async () => {
    const rate_limit = { per_minute: 3, per_minute_per_address: 1000 };
    const server = await openHttp({
      http: { api_keys: { example: API_KEY, busy: "example-key-of-a-busy-client" }, rate_limit },
      monotonic: () => 0,
    });
    await server.fetch("/livez");
    await server.fetch("/readyz");
    await server.fetch("/metrics");
    await server.rpc("tools/list", {}, { key: "example-of-a-wrong-key" });
    for (let index = 0; index < 5; index += 1) {
      await server.rpc("tools/list", {}, { key: "example-key-of-a-busy-client" });
    }
    const metrics = await metricsOf(server);
    const requests = metrics.get("proxmox_mcp_http_requests_total")?.samples;
    expect(
      requests?.map(({ labels, value }) => `${labels["route"]} ${labels["status"]} ${value}`),
    ).toEqual([
      "livez 200 1",
      "readyz 200 1",
      "metrics 401 1",
      "mcp 401 1",
      "mcp 200 3",
      "mcp 429 2",
    ]);
    const failures = "proxmox_mcp_http_authentication_failures_total";
    expect(sampleValue(metrics, failures, { credential: "none" })).toBe(1);
    expect(sampleValue(metrics, failures, { credential: "wrong" })).toBe(1);
    const limited = "proxmox_mcp_http_rate_limited_total";
    expect(sampleValue(metrics, limited, { scope: "client" })).toBe(2);
    expect(sampleValue(metrics, limited, { scope: "address" })).toBe(0);
  });

  test("counts what one address asks too soon", async () => {
    const rate_limit = { per_minute: 1000, per_minute_per_address: 3 };
    const server = await openHttp({ http: { rate_limit }, monotonic: clockOf([0, 0, 0, 0, 0]) });
    for (let index = 0; index < 5; index += 1) await server.fetch("/livez");
    const metrics = await metricsOf(server);
    expect(sampleValue(metrics, "proxmox_mcp_http_rate_limited_total", { scope: "address" })).toBe(
      2,
    );
  });

  test("has no more series, whatever clients invent", async () => {
    const rate_limit = { per_minute: 100_000, per_minute_per_address: 1_000_000 };
    const server = await openHttp({ http: { rate_limit } });
    const invent = async (index: number): Promise<void> => {
      const name = `invented-${index}`;
      await server.fetch(`/${name}`, { method: index % 2 === 0 ? "GET" : "PUT" });
      await server.fetch(`/livez/${name}?${name}`, { key: name, headers: { [name]: name } });
      await server.rpc(name);
      await server.rpc("tools/call", { name, arguments: { [name]: name } });
      await server.rpc("tools/call", { name: "get_nodes", arguments: { [name]: name } });
      await server.rpc("tools/list", {}, { key: name });
    };
    for (let index = 0; index < 4; index += 1) await invent(index);
    await metricsOf(server);
    const before = seriesOf(await metricsOf(server));
    for (let index = 4; index < 40; index += 1) await invent(index);
    const after = await metricsOf(server);
    expect(seriesOf(after)).toEqual(before);
    expect(JSON.stringify([...after])).not.toContain("invented");
    expect(sampleValue(after, "proxmox_mcp_http_requests_total", { route: "other" })).toBe(80);
  });

  test("shows calls that run, and what came of those to the host", async () => {
    const cwd = scratch();
    const host = await startNodesHost("a");
    writeFileSync(join(cwd, "config.json"), await configFor(host, { http: HTTP }));
    const server = await spawnHttp(["--transport", "http", "config.json"], { cwd });
    const client = await server.connect();
    const release = host.hold();
    const asked = host.asked();
    const call = client.callTool({ name: "get_nodes" });
    await asked;
    expect(sampleValue(await metricsOf(server), "proxmox_mcp_tool_calls_in_flight")).toBe(1);
    release();
    await call;
    await host.stop();
    await client.callTool({ name: "get_nodes" });
    const metrics = await metricsOf(server);
    expect(sampleValue(metrics, "proxmox_mcp_tool_calls_in_flight")).toBe(0);
    const errors = metrics.get("proxmox_mcp_proxmox_errors_total")?.samples;
    expect(errors).toMatchObject([{ labels: { code: "PROXMOX_UNREACHABLE" } }]);
    const total = sampleValue(metrics, "proxmox_mcp_proxmox_calls_total");
    expect(total).toBeGreaterThan(errors?.[0]?.value ?? 0);
    expect(sampleValue(metrics, "process_resident_memory_bytes")).toBeGreaterThan(2 ** 24);
    const started = sampleValue(metrics, "process_start_time_seconds");
    expect(started).toBeLessThan(Date.now() / 1000);
    expect(started).toBeGreaterThan(Date.now() / 1000 - 3600);
  });

  test("tells the age of every token in the config, and of reloads", async () => {
    const cwd = scratch();
    const path = join(cwd, "config.json");
    const config = await configFor(await startNodesHost("a"), { http: HTTP });
    writeFileSync(path, config);
    const server = await spawnHttp(["--transport", "http", "config.json"], { cwd });
    writeFileSync(path, "{");
    await server.serving.logged("SYNTAX");
    writeFileSync(path, config);
    await server.serving.logged("the new config is in force");
    const metrics = await metricsOf(server);
    // The API key is no token.
    const [age, ...others] = metrics.get("proxmox_mcp_secret_age_seconds")?.samples ?? [];
    expect(others).toEqual([]);
    expect(age?.labels).toEqual({ location: "/auth/token_value" });
    const sealed = Date.now() / 1000 - (age?.value ?? 0);
    expect(Math.abs(sealed - Date.parse("2026-01-31T12:00:00Z") / 1000)).toBeLessThan(60);
    const reloads = "proxmox_mcp_config_reloads_total";
    expect(sampleValue(metrics, reloads, { outcome: "refused" })).toBeGreaterThan(0);
    expect(sampleValue(metrics, reloads, { outcome: "taken" })).toBe(1);
  });
});

/** A clock that stands still at each of these times, and goes on by an hour afterwards. */
function clockOf(times: readonly number[]): () => number {
  let looked = 0;
  return () => {
    const time = times[looked] ?? 3_600_000;
    looked += 1;
    return time;
  };
}
