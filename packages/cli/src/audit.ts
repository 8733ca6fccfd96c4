/** What goes into PROXMOX_MCP_AUDIT_LOG: who did what to which files with which key. Never a value. */
import { userInfo } from "node:os";
import { type ErrorCode, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { openAuditLog } from "@proxmox-mcp/crypto/files";
import { redactKeys } from "@proxmox-mcp/crypto/internal";
import { filesOf, keyIdsOf } from "./audit-names.ts";
import type { Result } from "./commands/result.ts";
import type { Invocation } from "./invocation.ts";
import type { Io } from "./io.ts";

/** Runs an operation on keys or secrets and records how it ended, where a log is asked for. */
export async function audited(
  io: Io,
  invocation: Invocation,
  work: () => Promise<Result>,
): Promise<Result> {
  const path = io.env["PROXMOX_MCP_AUDIT_LOG"];
  if (path === undefined || path === "" || changesNothing(invocation)) return work();
  const log = openAuditLog(path);
  const record = (outcome: "done" | ErrorCode, result?: Result) =>
    log.append({
      time: io.now().toISOString(),
      user: userName(),
      operation: operationOf(invocation),
      files: [...new Set(filesOf(invocation, result))].map(redactKeys),
      keyIds: keyIdsOf(result),
      outcome,
    });
  try {
    const result = await work().catch((error: unknown) => {
      record(error instanceof ProxmoxMcpError ? error.code : "UNEXPECTED");
      throw error;
    });
    record("done", result);
    return result;
  } finally {
    log.close();
  }
}

// Nor does it give a secret away, as `decrypt` does.
function changesNothing(invocation: Invocation): boolean {
  if ("dryRun" in invocation && invocation.dryRun) return true;
  const { command } = invocation;
  if (command !== "backups") return command === "status" || command === "scan";
  return invocation.action === "list" || invocation.action === "verify";
}

function operationOf(invocation: Invocation): string {
  const { command } = invocation;
  return command === "backups" ? `${command} ${invocation.action}` : command;
}

// A container may run as a user id that has no name.
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
