/** What `status` found, as metrics: numbers, times and names, never a value. Pure. */
import { redactKeys } from "@proxmox-mcp/crypto/internal";
import type { StatusResult } from "../commands/status.ts";
import { FINDING_KINDS } from "../findings.ts";
import { PHASES } from "../phase.ts";
import { expositionOf, type Gauge, type Sample } from "./exposition.ts";

/** What every text begins with, and no other file does. */
export const METRICS_START = "# HELP proxmox_mcp_status_success ";

/** The metrics of a run that looked at everything it was asked for, whatever it found. */
export function statusMetrics(result: StatusResult): string {
  const { key, phase, interrupted, skipped, findings, now } = result;
  return expositionOf([
    ...runGauges(true, now),
    {
      name: "proxmox_mcp_secret_fields",
      help: "Secret fields of a file, by state.",
      samples: result.files.flatMap(fieldSamples),
    },
    {
      name: "proxmox_mcp_oldest_seal_timestamp_seconds",
      help: "When the oldest token of a file was sealed, as it claims.",
      samples: result.files.flatMap(oldestSeal),
    },
    {
      name: "proxmox_mcp_findings",
      help: "What needs attention, by kind.",
      samples: FINDING_KINDS.map((kind) => ({
        labels: { kind },
        value: findings.filter((finding) => finding.kind === kind).length,
      })),
    },
    {
      name: "proxmox_mcp_key_info",
      help: "The active master key, by its id.",
      samples: key?.id === undefined ? [] : [{ labels: { key_id: key.id }, value: 1 }],
    },
    {
      name: "proxmox_mcp_key_phase",
      help: "How far a change of master keys is: 1 for the phase that it is in. All 0 without a key, and where it opens no token.",
      samples: PHASES.map((name) => ({ labels: { phase: name }, value: Number(name === phase) })),
    },
    {
      name: "proxmox_mcp_interrupted_runs",
      help: "Directories with a run that was interrupted, or is under way.",
      samples: [{ value: interrupted.length }],
    },
    {
      name: "proxmox_mcp_skipped_files",
      help: "Files of the directories that could not be read and mention no token.",
      samples: [{ value: skipped.length }],
    },
  ]);
}

/** The metrics of a run that failed. Nothing of an earlier run is in them. */
export function failedStatusMetrics(now: Date): string {
  return expositionOf(runGauges(false, now));
}

function runGauges(success: boolean, now: Date): readonly Gauge[] {
  return [
    {
      name: "proxmox_mcp_status_success",
      help: "Whether the last run of status saw all files. What it found does not count.",
      samples: [{ value: Number(success) }],
    },
    {
      name: "proxmox_mcp_status_timestamp_seconds",
      help: "When the last run of status ended.",
      samples: [{ value: now.getTime() / 1000 }],
    },
  ];
}

function fieldSamples({ file, secrets }: StatusResult["files"][number]): readonly Sample[] {
  const counts = new Map<string, number>();
  for (const { state } of secrets) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, value]) => ({
    labels: { file: redactKeys(file), state },
    value,
  }));
}

function oldestSeal({ file, secrets }: StatusResult["files"][number]): readonly Sample[] {
  const times = secrets.flatMap(({ claimedAt }) => claimedAt?.getTime() ?? []);
  if (times.length === 0) return [];
  const oldest = times.reduce((one, other) => Math.min(one, other));
  return [{ labels: { file: redactKeys(file) }, value: oldest / 1000 }];
}
