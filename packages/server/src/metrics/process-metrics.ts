/** The process: what it is, since when, and how much memory it takes. */
import type { Registry } from "prom-client";
import { gaugeOf } from "./series.ts";

/** What the process says of itself. */
export interface ProcessFacts {
  readonly version: string;
  /** When it began, in milliseconds of Unix time. */
  readonly started: number;
  /** Bytes in memory now. */
  readonly residentMemory: () => number;
}

/** Registers them, the last two under the names that all programs use for them. */
export function processMetrics(
  registry: Registry,
  { version, started, residentMemory }: ProcessFacts,
): void {
  gaugeOf(
    registry,
    {
      name: "proxmox_mcp_build_info",
      help: "Always 1; its label is the version of the server.",
      labelNames: ["version"],
    },
    () => [{ labels: { version }, value: 1 }],
  );
  gaugeOf(
    registry,
    {
      name: "process_start_time_seconds",
      help: "When the process began, in Unix time.",
      labelNames: [],
    },
    () => [{ labels: {}, value: started / 1000 }],
  );
  gaugeOf(
    registry,
    {
      name: "process_resident_memory_bytes",
      help: "Memory of the process that is not swapped out.",
      labelNames: [],
    },
    () => [{ labels: {}, value: residentMemory() }],
  );
}
