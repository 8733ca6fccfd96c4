/** Running a program: without a shell, without a key in its environment, and never for ever. */
import type { ChildProcess } from "node:child_process";
import { openInput, type ProgramInput } from "./program-input.ts";
import { systemReason } from "./system-error.ts";

/** How much of what a program says on standard error is kept: its end, in characters. */
const MAX_COMPLAINT = 4096;

/** A program and what it runs with. */
export interface Command {
  readonly argv: readonly string[];
  /** What it inherits. Variables that could hold a master key are taken away by their names. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** What it gets as its standard input. Left out: nothing. */
  readonly input?: string;
  /** Milliseconds until it counts as hung. */
  readonly timeLimit: number;
  /** Once aborted, it is ended and nobody waits for it. */
  readonly signal?: AbortSignal | undefined;
  /** How many bytes it may print on standard output. Left out: what it prints there is dropped. */
  readonly maxOutput?: number;
  /**
   * Runs it in a session of its own, so that all that it started can be ended with it. It has no
   * terminal then: it cannot ask for a password, and Ctrl-C reaches it through `signal` alone.
   */
  readonly ownSession?: boolean;
  /** Keeps the end of what it says on standard error. Left out: that is dropped. */
  readonly keepComplaint?: boolean;
}

/** How a program ended. Only `output` and `complaint` hold anything that it printed. */
export type Outcome =
  | {
      readonly kind: "done";
      readonly output: string;
      /** False where it is certain that some of its input was not read. */
      readonly tookInput: boolean;
      readonly complaint: string;
    }
  | {
      readonly kind: "failed";
      /** A clause: "ended with status 3". */
      readonly trouble: string;
      readonly complaint: string;
    }
  | { readonly kind: "not started"; readonly reason: string }
  | { readonly kind: "interrupted"; readonly started: boolean };

/**
 * Runs a program to its end. It is done when it ended with status 0 and, where its output is read,
 * everybody who could still print has closed that.
 *
 * A program that is hung, prints too much or is interrupted is killed, with all that it started in
 * its own session; what it started may hold its pipes even so, and nobody waits for that.
 *
 * Whether the input was read to its end is seen on Linux alone; elsewhere, and where the temporary
 * directory takes no socket, only a program that had closed its input before it was written is.
 */
export async function runCommand(command: Command): Promise<Outcome> {
  const { argv, env, signal, ownSession = false } = command;
  const { spawn } = await import("node:child_process");
  const input = await openInput(command.input);
  if (signal?.aborted === true) {
    input.close();
    return { kind: "interrupted", started: false };
  }
  const [program = "", ...args] = argv;
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      stdio: [
        input.stdio,
        command.maxOutput === undefined ? "ignore" : "pipe",
        command.keepComplaint === true ? "pipe" : "ignore",
      ],
      env: withoutKeys(env),
      // Windows would open a console window.
      detached: ownSession && process.platform !== "win32",
      windowsHide: true,
    });
  } catch (error) {
    // Some reasons why a program cannot start are thrown, the others come as an event.
    input.close();
    return { kind: "not started", reason: systemReason(error) };
  }
  input.feed(child);
  return await watch(child, command, input);
}

function watch(child: ChildProcess, command: Command, input: ProgramInput): Promise<Outcome> {
  const { timeLimit, signal, maxOutput = 0, ownSession = false } = command;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let complaint = "";
    let hasEnded = false;
    let isPrinted = command.maxOutput === undefined;

    const settle = (outcome: Outcome): void => {
      // What the program started may live on and hold the pipes; nobody waits for that. There is no
      // pipe at all where the system had no descriptor left for one.
      input.close();
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(outcome);
    };
    const stopWaiting = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
    };
    const giveUp = (outcome: Outcome): void => {
      stopWaiting();
      // The number of a program that has ended may be another one's by now.
      if (!hasEnded) kill(child, ownSession);
      child.unref();
      settle(outcome);
    };
    const interrupt = (): void => giveUp({ kind: "interrupted", started: true });
    const fail = (trouble: string): void => giveUp({ kind: "failed", trouble, complaint });
    // What it said last, and that it left input unread, is there when it ends: one round of the event
    // loop brings it.
    const finish = (outcome: () => Outcome): void => {
      stopWaiting();
      setImmediate(() => setImmediate(() => settle(outcome())));
    };
    const finishWell = (): void =>
      finish(() => ({
        kind: "done",
        output: Buffer.concat(chunks).toString("utf8"),
        tookInput: !input.isLost(),
        complaint,
      }));

    const timer = setTimeout(() => fail(`did not end within ${timeLimit / 1000} s`), timeLimit);
    signal?.addEventListener("abort", interrupt);
    child.stdout?.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxOutput) fail(`printed more than ${maxOutput} bytes`);
    });
    child.stdout?.on("close", () => {
      isPrinted = true;
      if (hasEnded) finishWell();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-MAX_COMPLAINT);
    });
    child.on("error", (error) => giveUp({ kind: "not started", reason: systemReason(error) }));
    child.on("exit", (status, died) => {
      hasEnded = true;
      if (status !== 0) {
        const trouble = died === null ? `ended with status ${status}` : `died of ${died}`;
        finish(() => ({ kind: "failed", trouble, complaint }));
      } else if (isPrinted) {
        finishWell();
      }
    });
  });
}

// SIGKILL, since whoever may ignore a signal could still store something after everybody believes
// that it is over.
function kill(child: ChildProcess, ownSession: boolean): void {
  try {
    if (ownSession && child.pid !== undefined && process.platform !== "win32") {
      process.kill(-child.pid, "SIGKILL");
    } else {
      child.kill("SIGKILL");
    }
  } catch {
    // It has ended in this moment.
  }
}

/** An environment without the variables that could hold a master key. */
export function withoutKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !name.toUpperCase().startsWith("PROXMOX_MCP_MASTER_KEY"),
    ),
  );
}
