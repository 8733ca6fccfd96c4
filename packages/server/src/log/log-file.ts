/** A log file: appended to, made for its owner alone, never the stream of the protocol. */
import { closeSync, fstatSync, openSync, statSync, writeSync } from "node:fs";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { isStdoutFile } from "./stdout-file.ts";

/** An open log file. */
export interface LogFile {
  /** Appends a line. @throws Error of the file system */
  write(line: string): void;
  close(): void;
}

/**
 * Opens a log file, or makes it with mode 0600.
 *
 * @throws ProxmoxMcpError WRITE_FAILED, FILE_NOT_REGULAR
 */
export function openLogFile(path: string): LogFile {
  const descriptor = open(path);
  return {
    write(line) {
      const bytes = Buffer.from(line, "utf8");
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(descriptor, bytes, written);
      }
    },
    close: () => closeSync(descriptor),
  };
}

function open(path: string): number {
  try {
    // Looked at first: opening a pipe would wait for its reader.
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw notRegular(path);
    const descriptor = openSync(path, "a", 0o600);
    if (!isStdoutFile(fstatSync(descriptor))) return descriptor;
    closeSync(descriptor);
    throw notRegular(path);
  } catch (error) {
    if (error instanceof ProxmoxMcpError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? "failed";
    throw new ProxmoxMcpError("WRITE_FAILED", `cannot open the log file ${path}: ${reason}`, {
      where: { file: path, location: "/logging/file" },
      hint: "name a file in a directory that the server may write to",
      cause: error,
    });
  }
}

function notRegular(path: string): ProxmoxMcpError {
  return new ProxmoxMcpError("FILE_NOT_REGULAR", `${path} cannot be a log file`, {
    where: { file: path, location: "/logging/file" },
    hint: "name a regular file; everything is logged to standard error anyway",
  });
}
