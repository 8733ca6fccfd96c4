/** From results to text and JSON. */
import { EXIT_STATUS, errorJson, formatError, type ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Result } from "../commands/result.ts";
import { failedStatusMetrics } from "../metrics/status-metrics.ts";
import { backupsJson, renderBackups } from "./backups.ts";
import { closeRotationJson, renderCloseRotation } from "./close-rotation.ts";
import { decryptJson, renderDecrypt } from "./decrypt.ts";
import { encryptJson, renderEncrypt } from "./encrypt.ts";
import { generateKeyJson, renderGenerateKey } from "./generate-key.ts";
import { jsonText } from "./json-text.ts";
import type { Line, Rendered } from "./line.ts";
import { prepareKeyJson, renderPrepareKey } from "./prepare-key.ts";
import { renderRetireKey, retireKeyJson } from "./retire-key.ts";
import { renderRotateKey } from "./rotate-key.ts";
import { rotateKeyJson } from "./rotate-key-json.ts";
import { renderScan, scanJson } from "./scan.ts";
import { renderSet, setJson } from "./set.ts";
import { renderStatus, statusJson } from "./status.ts";
import type { Style } from "./style.ts";

/** Renders a result for people. */
export function render(result: Result, style: Style): Rendered {
  const rendered = renderCommand(result, style);
  const warnings = warningsOf(result).map(
    (warning): Line => ({ text: `warning: ${warning}`, look: "warn" }),
  );
  return { ...rendered, stderr: [...warnings, ...rendered.stderr] };
}

/** Renders a result as one JSON object. */
export function renderJson(result: Result, exitStatus: number): Rendered {
  const { command } = result;
  const warnings = warningsOf(result);
  const shape = { ok: true, exitStatus, command, ...commandJson(result), warnings };
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

function renderCommand(result: Result, style: Style): Rendered {
  switch (result.command) {
    case "encrypt":
      return renderEncrypt(result);
    case "decrypt":
      return renderDecrypt(result);
    case "set":
      return renderSet(result);
    case "status":
      return renderStatus(result, style);
    case "scan":
      return renderScan(result, style);
    case "generate-key":
      return renderGenerateKey(result);
    case "rotate-key":
    case "rotate-key-all":
      return result.outcome === "closed" ? renderCloseRotation(result) : renderRotateKey(result);
    case "prepare-key":
      return renderPrepareKey(result);
    case "retire-key":
      return renderRetireKey(result);
    case "backups":
      return renderBackups(result, style);
  }
}

function commandJson(result: Result): object {
  switch (result.command) {
    case "encrypt":
      return encryptJson(result);
    case "decrypt":
      return decryptJson(result);
    case "set":
      return setJson(result);
    case "status":
      return statusJson(result);
    case "scan":
      return scanJson(result);
    case "generate-key":
      return generateKeyJson(result);
    case "rotate-key":
    case "rotate-key-all":
      return result.outcome === "closed" ? closeRotationJson(result) : rotateKeyJson(result);
    case "prepare-key":
      return prepareKeyJson(result);
    case "retire-key":
      return retireKeyJson(result);
    case "backups":
      return backupsJson(result);
  }
}

function warningsOf(result: Result): readonly string[] {
  if (result.command !== "status") return result.warnings;
  const modes = result.files.flatMap(({ warning }) => (warning === undefined ? [] : [warning]));
  return [...result.warnings, ...modes];
}
