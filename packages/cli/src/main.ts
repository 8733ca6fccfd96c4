/** The program itself, which the entry point loads. */
import type { StartedDerivation } from "@proxmox-mcp/crypto";
import { createProcessIo } from "./process-io.ts";
import { run } from "./run.ts";

/** Runs the tool in this process, and ends it. */
export async function main(argv: readonly string[], started?: StartedDerivation): Promise<void> {
  const io = createProcessIo(started);
  // Looking at a terminal for the first time loads a module. While a key is being derived that is free.
  if (started !== undefined) void io.stderr.isTerminal;
  process.exitCode = await run(argv, io);
  // All output is written, and nothing waits when this is told. What is left is to take V8 and its heap
  // apart, piece by piece, which the system does faster. Not before the run has ended: a prompt whose
  // terminal is gone learns of it when the process ends by itself, and has to say so.
  process.once("beforeExit", () => {
    // biome-ignore lint/plugin: this ends the program, and its output has drained
    process.exit();
  });
}
