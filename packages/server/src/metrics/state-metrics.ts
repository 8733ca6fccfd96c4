/** What the config in force and the audit log say of themselves. */
import type { ConfigSecret } from "@proxmox-mcp/crypto/config";
import type { Registry } from "prom-client";
import type { ServerState } from "../runtime/readiness.ts";
import { counterOf, gaugeOf, type Sample } from "./series.ts";

/** Registers them. They are read from the state whenever somebody asks. */
export function stateMetrics(registry: Registry, state: () => ServerState, now: () => Date): void {
  gaugeOf(
    registry,
    {
      name: "proxmox_mcp_ready",
      help: "Whether /readyz says that the server is ready: 1 or 0.",
      labelNames: [],
    },
    () => [{ labels: {}, value: state().reasons.length === 0 ? 1 : 0 }],
  );
  counterOf(
    registry,
    {
      name: "proxmox_mcp_config_reloads_total",
      help: "Reloads of the config: taken, or refused so that the old one stayed in force.",
      labelNames: ["outcome"],
    },
    () => {
      const { taken, refused } = state().loads;
      return [
        { labels: { outcome: "taken" }, value: taken },
        { labels: { outcome: "refused" }, value: refused },
      ];
    },
  );
  gaugeOf(
    registry,
    {
      name: "proxmox_mcp_config_loaded_timestamp_seconds",
      help: "When the config in force was taken, in Unix time.",
      labelNames: [],
    },
    () => [{ labels: {}, value: state().loads.takenAt.getTime() / 1000 }],
  );
  gaugeOf(
    registry,
    {
      name: "proxmox_mcp_secret_age_seconds",
      help: "How long ago a secret of the config in force was sealed, by its place in the config.",
      labelNames: ["location"],
    },
    () => state().secrets.flatMap((secret) => ageOf(secret, now())),
  );
  counterOf(
    registry,
    {
      name: "proxmox_mcp_audit_failures_total",
      help: "Records of calls that could not be written.",
      labelNames: [],
    },
    () => [{ labels: {}, value: state().auditFailures }],
  );
}

function ageOf({ location, sealedAt }: ConfigSecret, now: Date): readonly Sample<"location">[] {
  if (sealedAt === undefined) return [];
  return [{ labels: { location }, value: (now.getTime() - sealedAt.getTime()) / 1000 }];
}
