/** The failure of a run that did its work, and has nobody to tell of it. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Result } from "./commands/result.ts";
import { keyringEntry } from "./render/keyring-entry.ts";
import { counted } from "./render/line.ts";
import type { RotateResult } from "./rotation/result.ts";

const OUTCOMES = {
  planned: undefined,
  nothing: undefined,
  retired: "the old keys are gone",
  restored: "the backups are restored",
  pruned: "the backups are deleted",
  recovered: "an interrupted run is closed",
  closed: "an interrupted run is closed",
} as const;

/**
 * The error for a result that could not be told. `WRITE_FAILED` promises that nothing was changed, so
 * where something was, it is another one.
 *
 * @param error what the stream gave.
 */
export function notTold(error: ProxmoxMcpError, result: Result): ProxmoxMcpError {
  const done = workOf(result) ?? recoveryOf(result);
  if (done === undefined) return error;
  return new ProxmoxMcpError("NOT_CLOSED", `${error.message}, but ${done}`, {
    hint: "it need not be run again: `proxmox-mcp-encrypt status FILE` shows a config and its key",
    cause: error,
  });
}

/** What lasts of a run's own work. */
function workOf(result: Result): string | undefined {
  if ("outcome" in result) {
    return result.outcome === "rotated" ? rotated(result) : OUTCOMES[result.outcome];
  }
  switch (result.command) {
    case "encrypt":
    case "decrypt":
      return result.text === undefined ? written(result.output) : undefined;
    case "set":
      return written(result.file);
    case "generate-key":
      return `the new key is in ${result.file ?? keyringEntry(result.keyring ?? "")}: make no other`;
    case "prepare-key":
      return "the next key waits in its store";
    default:
      return undefined;
  }
}

function rotated({ failed }: RotateResult): string {
  if (failed.length === 0) return "the rotation is done: do not rotate again";
  const them = failed.length === 1 ? "it" : "them";
  return `the rotation is done, with ${counted(failed.length, "file")} left out: mend ${them} before you rotate again`;
}

function written(file: string | undefined): string | undefined {
  return file === undefined ? undefined : `${file} is written`;
}

function recoveryOf(result: Result): string | undefined {
  const isClosed = "recovered" in result && result.recovered.length > 0;
  return isClosed ? OUTCOMES.recovered : undefined;
}
