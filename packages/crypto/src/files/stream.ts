/** Writing to the standard streams. */
import { writeSync } from "node:fs";
import { ProxmoxMcpError } from "../errors.ts";
import { systemCode } from "./system-error.ts";

/** The descriptor of standard output (POSIX, `STDOUT_FILENO`). */
export const STDOUT = 1;
/** The descriptor of standard error (POSIX, `STDERR_FILENO`). */
export const STDERR = 2;

/**
 * Writes everything to a standard stream, or says that it could not: a full disk or a closed pipe
 * behind stdout must not end in exit status 0.
 *
 * @throws ProxmoxMcpError WRITE_FAILED
 */
export function writeStream(descriptor: typeof STDOUT | typeof STDERR, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      // A pipe that is set to non-blocking is full for the moment: its reader is behind.
      if (systemCode(error) === "EAGAIN") {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
        continue;
      }
      const name = descriptor === STDOUT ? "stdout" : "stderr";
      throw new ProxmoxMcpError("WRITE_FAILED", `${name} is closed or full`, {
        hint: `run it again with a working ${name}`,
        cause: error,
      });
    }
  }
}
