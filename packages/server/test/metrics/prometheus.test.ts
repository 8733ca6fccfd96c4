import { describe, expect, test } from "vitest";
import type { CallFacts, CallOutcome } from "../../src/mcp/call-record.ts";
import type { Metrics } from "../../src/metrics/metrics.ts";
import { createMetrics } from "../../src/metrics/prometheus.ts";
import { STDIO_CALLER } from "../../src/policy/caller.ts";
import type { ServerState } from "../../src/runtime/readiness.ts";
import { type Metric, parseMetrics, sampleValue } from "../http/prometheus-text.ts";

const NOW = new Date("2026-01-31T12:00:00Z");

const STATE: ServerState = {
  reasons: [],
  loads: { takenAt: NOW, taken: 0, refused: 0, refusedSince: 0, lastRefusal: undefined },
  activeKey: undefined,
  secrets: [],
  auditFailures: 0,
};

function make(state: Partial<ServerState> = {}): Metrics {
  return createMetrics({
    state: () => ({ ...STATE, ...state }),
    now: () => NOW,
    process: { version: "1.2.3", started: NOW.getTime() - 60_000, residentMemory: () => 4096 },
  });
}

async function read(metrics: Metrics): Promise<ReadonlyMap<string, Metric>> {
  return parseMetrics(await metrics.text());
}

function call(tool: string, id = "0123456789abcdef"): CallFacts {
  return { id, time: NOW, tool, effect: "read", caller: STDIO_CALLER, arguments: {} };
}

function ended(outcome: CallOutcome["outcome"], duration = 0): CallOutcome {
  return { outcome, duration, target: undefined, upids: [] };
}

describe("the metrics of a server", () => {
  test("are well formed before anything has happened", async () => {
    const metrics = await read(make());
    expect(sampleValue(metrics, "proxmox_mcp_build_info", { version: "1.2.3" })).toBe(1);
    expect(sampleValue(metrics, "process_resident_memory_bytes")).toBe(4096);
    expect(sampleValue(metrics, "process_start_time_seconds")).toBe(NOW.getTime() / 1000 - 60);
    expect(metrics.get("proxmox_mcp_http_rate_limited_total")?.samples).toHaveLength(2);
  });

  test("count a call by how it ended, in seconds", async () => {
    const metrics = make();
    metrics.ended(call("get_nodes"), ended("ok", 40));
    metrics.ended(call("get_nodes"), ended("PROXMOX_TIMEOUT", 30_000));
    const values = await read(metrics);
    const total = "proxmox_mcp_tool_calls_total";
    expect(sampleValue(values, total, { tool: "get_nodes", outcome: "ok" })).toBe(1);
    expect(sampleValue(values, total, { tool: "get_nodes", outcome: "PROXMOX_TIMEOUT" })).toBe(1);
    const duration = "proxmox_mcp_tool_call_duration_seconds";
    expect(sampleValue(values, `${duration}_sum`, { tool: "get_nodes" })).toBeCloseTo(30.04);
    expect(sampleValue(values, `${duration}_bucket`, { le: "0.05" })).toBe(1);
  });

  test("count as running what has begun and not ended", async () => {
    const metrics = make();
    const inFlight = async () =>
      sampleValue(await read(metrics), "proxmox_mcp_tool_calls_in_flight");
    metrics.begins?.(call("get_nodes", "a"));
    metrics.begins?.(call("get_nodes", "b"));
    expect(await inFlight()).toBe(2);
    metrics.ended(call("get_nodes", "a"), ended("ok"));
    // Refused before it began.
    metrics.ended(call("get_nodes", "c"), ended("POLICY_DENIED"));
    expect(await inFlight()).toBe(1);
  });

  test("count calls to Proxmox, and those that failed by their code", async () => {
    const metrics = make();
    metrics.proxmoxCalled("ok");
    metrics.proxmoxCalled("PROXMOX_TLS");
    const values = await read(metrics);
    expect(sampleValue(values, "proxmox_mcp_proxmox_calls_total")).toBe(2);
    expect(values.get("proxmox_mcp_proxmox_errors_total")?.samples).toMatchObject([
      { labels: { code: "PROXMOX_TLS" }, value: 1 },
    ]);
  });

  test("tell how old the secrets of the config in force are now", async () => {
    const sealedAt = new Date(NOW.getTime() - 86_400_000);
    let secrets: ServerState["secrets"] = [
      { location: "/auth/token_value", state: "bound", opened: true, sealedAt },
      { location: "/proxmox/password", state: "plain", opened: false },
    ];
    const metrics = createMetrics({
      state: () => ({ ...STATE, secrets }),
      now: () => NOW,
      process: { version: "1.2.3", started: 0, residentMemory: () => 0 },
    });
    const ages = async () => (await read(metrics)).get("proxmox_mcp_secret_age_seconds")?.samples;
    expect(await ages()).toMatchObject([
      { labels: { location: "/auth/token_value" }, value: 86_400 },
    ]);
    secrets = [{ location: '/http/api_keys/a"b\\c', state: "bound", opened: true, sealedAt: NOW }];
    expect(await ages()).toMatchObject([
      { labels: { location: '/http/api_keys/a"b\\c' }, value: 0 },
    ]);
  });

  test("tell of reloads, audit and readiness", async () => {
    const values = await read(
      make({
        reasons: ["audit_failed"],
        loads: { ...STATE.loads, taken: 2, refused: 5 },
        auditFailures: 7,
      }),
    );
    const reloads = "proxmox_mcp_config_reloads_total";
    expect(sampleValue(values, reloads, { outcome: "taken" })).toBe(2);
    expect(sampleValue(values, reloads, { outcome: "refused" })).toBe(5);
    expect(sampleValue(values, "proxmox_mcp_audit_failures_total")).toBe(7);
    expect(sampleValue(values, "proxmox_mcp_ready")).toBe(0);
    const loaded = sampleValue(values, "proxmox_mcp_config_loaded_timestamp_seconds");
    expect(loaded).toBe(NOW.getTime() / 1000);
  });
});
