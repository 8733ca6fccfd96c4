/** The metrics of a server, in a registry of their own. */
import { Registry } from "prom-client";
import type { ServerState } from "../runtime/readiness.ts";
import { callMetrics } from "./call-metrics.ts";
import type { Metrics } from "./metrics.ts";
import { type ProcessFacts, processMetrics } from "./process-metrics.ts";
import { requestMetrics } from "./request-metrics.ts";
import { stateMetrics } from "./state-metrics.ts";

/** What metrics are made of. */
export interface MetricsParts {
  readonly state: () => ServerState;
  readonly now: () => Date;
  readonly process: ProcessFacts;
}

/** Makes them, all at nothing. */
export function createMetrics({ state, now, process }: MetricsParts): Metrics {
  const registry = new Registry();
  const calls = callMetrics(registry);
  const requests = requestMetrics(registry);
  stateMetrics(registry, state, now);
  processMetrics(registry, process);
  return {
    ...calls,
    ...requests,
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
