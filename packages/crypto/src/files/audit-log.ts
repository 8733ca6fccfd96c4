/** The audit log: one JSON line for each operation on keys or secrets, appended and never rewritten. */
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { ProxmoxMcpError } from "../errors.ts";
import { systemCode, systemReason, writeError } from "./system-error.ts";

/** What every line begins with: so a log can be told from a config or a key file. */
const BEGINNING = '{"time"';
// Windows has no such flag, and no such pipes.
const NONBLOCK = constants.O_NONBLOCK ?? 0;

/** What is recorded: when it happened, and names and outcomes, never a value. */
export interface AuditEntry {
  /** UTC, ISO 8601. */
  readonly time: string;
  readonly [name: string]: unknown;
}

/** An open audit log. */
export interface AuditLog {
  /**
   * Appends one line and flushes it.
   *
   * @throws ProxmoxMcpError NOT_CLOSED: what the entry tells of has happened by then.
   */
  append(entry: AuditEntry): void;
  close(): void;
}

/**
 * Opens an audit log, making the file with mode 0600 where there is none. Open it before the work
 * begins: an operation that cannot be recorded must not happen. A pipe needs a reader by then.
 *
 * @throws ProxmoxMcpError WRITE_FAILED, with nothing done; for a file that is no audit log, too.
 */
export function openAuditLog(path: string): AuditLog {
  const descriptor = open(path);
  return {
    append({ time, ...rest }) {
      try {
        const line = Buffer.from(`${JSON.stringify({ time, ...rest })}\n`, "utf8");
        for (let written = 0; written < line.length; ) {
          written += writeSync(descriptor, line, written);
        }
        // A pipe or a terminal has nothing to flush.
        if (fstatSync(descriptor).isFile()) fsyncSync(descriptor);
      } catch (error) {
        throw new ProxmoxMcpError(
          "NOT_CLOSED",
          `the operation is over, but it could not be recorded in the audit log: ${systemReason(error)}`,
          { where: { file: path }, hint: "make room for the audit log and check it", cause: error },
        );
      }
    },
    close() {
      closeSync(descriptor);
    },
  };
}

function open(path: string): number {
  // Without O_NONBLOCK this would wait for the reader of a pipe, and not even a signal ends that.
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NONBLOCK;
  try {
    const descriptor = openSync(path, flags, 0o600);
    try {
      refuseOther(path, descriptor);
      return descriptor;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  } catch (error) {
    if (systemCode(error) !== "ENXIO") throw writeError(path, error);
    throw new ProxmoxMcpError(
      "WRITE_FAILED",
      `cannot write ${path}: it is a pipe that nobody reads, or a socket; nothing was done`,
      { where: { file: path }, hint: "start its reader first, or name a file", cause: error },
    );
  }
}

function refuseOther(path: string, descriptor: number): void {
  const stat = fstatSync(descriptor);
  if (!stat.isFile() || stat.size === 0 || beginning(path) === BEGINNING) return;
  throw new ProxmoxMcpError("WRITE_FAILED", `${path} is no audit log; nothing was done`, {
    where: { file: path },
    hint: "set PROXMOX_MCP_AUDIT_LOG to a file of its own",
  });
}

function beginning(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | NONBLOCK);
  try {
    const bytes = Buffer.alloc(BEGINNING.length);
    return bytes.toString("latin1", 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
