import { writeSync } from "node:fs";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";

/** A standard stream, by its descriptor. */
export const STDOUT = 1;
export const STDERR = 2;

/**
 * Writes everything at once.
 *
 * @throws ProxmoxMcpError WRITE_FAILED for a full disk or a closed pipe.
 */
export function writeText(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      // A pipe that is set to non-blocking is full for the moment: its reader is behind.
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
        continue;
      }
      throw new ProxmoxMcpError("WRITE_FAILED", "the output is closed or full", {
        hint: "run it again with a working standard output",
        cause: error,
      });
    }
  }
}
