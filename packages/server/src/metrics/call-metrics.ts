/** Calls of tools: how many, how they end, and how long they take. */
import { Counter, Histogram, type Registry } from "prom-client";
import type { CallRecorder } from "../mcp/call-record.ts";
import { gaugeOf } from "./series.ts";

// From one answer of a host nearby to a task that copies disks.
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Registers them. Only calls of tools that there are reach a recorder, so names come from a short list. */
export function callMetrics(registry: Registry): CallRecorder {
  const calls = new Counter({
    name: "proxmox_mcp_tool_calls_total",
    help: "Calls of tools that have ended, by tool and outcome: ok, asked, or the code of the error.",
    labelNames: ["tool", "outcome"],
    registers: [registry],
  });
  const durations = new Histogram({
    name: "proxmox_mcp_tool_call_duration_seconds",
    help: "How long calls of tools took, refused ones too.",
    labelNames: ["tool"],
    buckets: SECONDS,
    registers: [registry],
  });
  const running = new Set<string>();
  gaugeOf(
    registry,
    {
      name: "proxmox_mcp_tool_calls_in_flight",
      help: "Calls of tools that run now.",
      labelNames: [],
    },
    () => [{ labels: {}, value: running.size }],
  );
  return {
    begins: ({ id }) => {
      running.add(id);
    },
    ended({ id, tool }, { outcome, duration }) {
      running.delete(id);
      calls.inc({ tool, outcome });
      durations.observe({ tool }, duration / 1000);
    },
  };
}
