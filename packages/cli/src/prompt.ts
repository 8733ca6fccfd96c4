/** Questions to a person at a terminal. The package for them is loaded when the first one is asked. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Io } from "./io.ts";

/**
 * Asks for a secret, hidden, twice.
 *
 * @throws ProxmoxMcpError INTERRUPTED for Ctrl-C, USAGE where the two answers differ.
 */
export async function askSecret(io: Io, message: string): Promise<string> {
  const { password } = await import("@inquirer/prompts");
  const first = await answered(password({ message }, context(io)));
  const second = await answered(password({ message: "The same again" }, context(io)));
  if (first === second) return first;
  throw new ProxmoxMcpError("USAGE", "the two answers differ; nothing was changed", {
    hint: "run the command again",
  });
}

/** Asks a yes-or-no question; no is the default. @throws ProxmoxMcpError INTERRUPTED for Ctrl-C. */
export async function confirm(io: Io, message: string): Promise<boolean> {
  const { confirm: ask } = await import("@inquirer/prompts");
  return answered(ask({ message, default: false }, context(io)));
}

// Stdout is for data; a prompt belongs to the talk.
function context({ signal }: Io) {
  return { output: process.stderr, signal, clearPromptOnDone: true };
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const isStop =
      error instanceof Error && ["ExitPromptError", "AbortPromptError"].includes(error.name);
    if (!isStop) throw error;
    throw new ProxmoxMcpError("INTERRUPTED", "interrupted at the prompt; nothing was changed");
  }
}
