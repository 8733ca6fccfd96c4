/** One run of the program in this process. */
import type { StartedDerivation } from "@proxmox-mcp/crypto";
import type { CommandTable } from "./commands/module.ts";
import { createProcessIo } from "./process-io.ts";
import { run } from "./run.ts";

/** The program, as the entry point starts it. */
export type Main = (argv: readonly string[], started?: StartedDerivation) => Promise<void>;

/** Runs a program of these commands in this process, and ends it. */
export async function runProcess(
  commands: CommandTable,
  argv: readonly string[],
  started?: StartedDerivation,
): Promise<void> {
  const io = createProcessIo(started);
  // Looking at a terminal for the first time loads a module. While a key is being derived that is free.
  if (started !== undefined) void io.stderr.isTerminal;
  process.exitCode = await run(argv, io, commands);
  // All output is written, and nothing waits when this is told. What is left is to take V8 and its heap
  // apart, piece by piece, which the system does faster. Not before the run has ended: a prompt whose
  // terminal is gone learns of it when the process ends by itself, and has to say so.
  process.once("beforeExit", () => {
    // biome-ignore lint/plugin: this ends the program, and its output has drained
    process.exit();
  });
}
