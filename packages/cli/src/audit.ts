/** What goes into PROXMOX_MCP_AUDIT_LOG: who did what to which files with which key. Never a value. */
import { userInfo } from "node:os";
import { type ErrorCode, ProxmoxMcpError, redactKeys } from "@proxmox-mcp/crypto";
import { openAuditLog } from "@proxmox-mcp/crypto/files";
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
  if (path === undefined || path === "" || invocation.command === "status") return work();
  const log = openAuditLog(path);
  const record = (outcome: "done" | ErrorCode, result?: Result) =>
    log.append({
      time: io.now().toISOString(),
      user: userName(),
      operation: invocation.command,
      files: filesOf(invocation, result).map(redactKeys),
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

function filesOf(invocation: Invocation, result: Result | undefined): readonly string[] {
  if (result?.command === "generate-key") return [result.file];
  if (invocation.command === "generate-key")
    return invocation.output === undefined ? [] : [invocation.output];
  if (!("file" in invocation)) return [];
  const output = result !== undefined && "output" in result ? result.output : undefined;
  return [...new Set([invocation.file, ...(output === undefined ? [] : [output])])];
}

function keyIdsOf(result: Result | undefined): readonly string[] {
  const id = result !== undefined && "keyId" in result ? result.keyId : undefined;
  return id === undefined ? [] : [id];
}

// A container may run as a user id that has no name.
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
