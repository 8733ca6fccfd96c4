/** Requests of clients, and calls to the Proxmox host. */
import { Counter, type Registry } from "prom-client";
import type { BadCredential, LimitScope, Metrics } from "./metrics.ts";

const SCOPES: readonly LimitScope[] = ["address", "client"];
const CREDENTIALS: readonly BadCredential[] = ["none", "wrong"];

/** Registers them. */
export function requestMetrics(
  registry: Registry,
): Pick<Metrics, "answered" | "limited" | "unauthenticated" | "proxmoxCalled"> {
  const registers = [registry];
  const requests = new Counter({
    name: "proxmox_mcp_http_requests_total",
    help: "HTTP requests, by route and status of the answer. Paths that are none of ours are other.",
    labelNames: ["route", "status"],
    registers,
  });
  const limited = new Counter({
    name: "proxmox_mcp_http_rate_limited_total",
    help: "HTTP requests that came too soon, by whose limit they met.",
    labelNames: ["scope"],
    registers,
  });
  const unauthenticated = new Counter({
    name: "proxmox_mcp_http_authentication_failures_total",
    help: "HTTP requests that were refused because they showed no API key, or a wrong one.",
    labelNames: ["credential"],
    registers,
  });
  const calls = new Counter({
    name: "proxmox_mcp_proxmox_calls_total",
    help: "Calls to the Proxmox host that have ended, each with its retries.",
    registers,
  });
  const errors = new Counter({
    name: "proxmox_mcp_proxmox_errors_total",
    help: "Calls to the Proxmox host that failed, by the code of the error.",
    labelNames: ["code"],
    registers,
  });
  // A rate needs a first value before the first event.
  for (const scope of SCOPES) limited.inc({ scope }, 0);
  for (const credential of CREDENTIALS) unauthenticated.inc({ credential }, 0);
  return {
    answered: (route, status) => requests.inc({ route, status }),
    limited: (scope) => limited.inc({ scope }),
    unauthenticated: (credential) => unauthenticated.inc({ credential }),
    proxmoxCalled(outcome) {
      calls.inc();
      if (outcome !== "ok") errors.inc({ code: outcome });
    },
  };
}
