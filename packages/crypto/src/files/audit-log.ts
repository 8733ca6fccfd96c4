/** The audit log: one JSON line for each operation on keys or secrets, appended and never rewritten. */
import { closeSync, constants, fstatSync, fsyncSync, openSync, writeSync } from "node:fs";
import { ProxmoxMcpError } from "../errors.ts";
import { systemReason, writeError } from "./system-error.ts";

/** An open audit log. */
export interface AuditLog {
  /**
   * Appends one line and flushes it.
   *
   * @throws ProxmoxMcpError NOT_CLOSED: what the entry tells of has happened by then.
   */
  append(entry: Readonly<Record<string, unknown>>): void;
  close(): void;
}

/**
 * Opens an audit log, making the file with mode 0600 where there is none. Open it before the work
 * begins: an operation that cannot be recorded must not happen.
 *
 * @throws ProxmoxMcpError WRITE_FAILED, with nothing done.
 */
export function openAuditLog(path: string): AuditLog {
  const descriptor = open(path);
  return {
    append(entry) {
      try {
        const line = Buffer.from(`${JSON.stringify(entry)}\n`, "utf8");
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
  try {
    return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
  } catch (error) {
    throw writeError(path, error);
  }
}
