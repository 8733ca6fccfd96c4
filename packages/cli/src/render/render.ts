/** From results to text and JSON. */
import { formatError, type ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { EXIT_STATUS, errorJson, jsonText } from "@proxmox-mcp/crypto/internal";
import type { CommandModule } from "../commands/module.ts";
import type { Result } from "../commands/result.ts";
import { failedStatusMetrics } from "../metrics/status-metrics.ts";
import type { Line, Rendered } from "./line.ts";
import type { Style } from "./style.ts";

/** Renders a result for people. */
export function render(command: CommandModule, result: Result, style: Style): Rendered {
  const rendered = command.render(result, style);
  const warnings = warningsOf(result).map(
    (warning): Line => ({ text: `warning: ${warning}`, look: "warn" }),
  );
  return { ...rendered, stderr: [...warnings, ...rendered.stderr] };
}

/** Renders a result as one JSON object. */
export function renderJson(command: CommandModule, result: Result, exitStatus: number): Rendered {
  const warnings = warningsOf(result);
  const own = command.json(result);
  const shape = { ok: true, exitStatus, command: result.command, ...own, warnings };
  return { stdout: jsonText(shape), stderr: [] };
}

/** What a failure is told to, beside people: the flags of the command that failed. */
export interface Audience {
  readonly command?: string;
  readonly json: boolean;
  /** Metrics were asked for, and not in a file. */
  readonly metrics?: boolean;
  readonly now: Date;
}

/** Renders a failure as the one line that people get, and for programs in their own form too. */
export function renderError(
  error: ProxmoxMcpError,
  { command, json: asJson, metrics: asMetrics = false, now }: Audience,
): Rendered {
  const metrics = asMetrics ? failedStatusMetrics(now) : "";
  const shape = {
    ok: false,
    exitStatus: EXIT_STATUS[error.code],
    command: command ?? null,
    error: errorJson(error),
  };
  return {
    stdout: asJson ? jsonText(shape) : metrics,
    stderr: [{ text: formatError(error), look: "bad" }],
  };
}

function warningsOf(result: Result): readonly string[] {
  if (result.command !== "status") return result.warnings;
  const modes = result.files.flatMap(({ warning }) => (warning === undefined ? [] : [warning]));
  return [...result.warnings, ...modes];
}
