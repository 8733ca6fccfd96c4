/** The real world: streams, signals, clock and randomness of this process. */
import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { homedir } from "node:os";
import { isatty } from "node:tty";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Io } from "./io.ts";

/** Makes the Io of this process. */
export function createProcessIo(): Io {
  const controller = new AbortController();
  const { signal } = controller;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => controller.abort());
  }
  return {
    env: process.env,
    home: homedir(),
    stdin: { isTerminal: isatty(0), read: () => readStdin(signal) },
    stdout: { isTerminal: isatty(1), write: (text) => writeAll(1, "stdout", text) },
    stderr: { isTerminal: isatty(2), write: (text) => writeAll(2, "stderr", text) },
    signal,
    now: () => new Date(),
    random: randomBytes,
    debug: () => undefined,
  };
}

async function readStdin(signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const stop = () => process.stdin.destroy(interrupted());
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) throw interrupted();
    for await (const chunk of process.stdin) chunks.push(chunk);
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks);
}

function interrupted(): ProxmoxMcpError {
  return new ProxmoxMcpError("INTERRUPTED", "interrupted; nothing was changed");
}

/**
 * Writes everything, or says that it could not: a full disk or a closed pipe behind stdout must not
 * end in exit status 0.
 */
function writeAll(descriptor: 1 | 2, name: string, text: string): void {
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
      throw new ProxmoxMcpError("WRITE_FAILED", `${name} could not be written: it is closed or full`, {
        hint: "run it again with a working stdout",
        cause: error,
      });
    }
  }
}
