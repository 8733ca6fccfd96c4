/** Runs a program to its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { isFull } from "./amount.ts";

// What takes a second may take a hundred on a machine that does a sweep beside other work.
const TIME_LIMIT = isFull ? 10 * 60_000 : 60_000;

/** How a program is run. */
export interface Program {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | undefined;
}

/** What a user sees of a finished program. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it had to be ended. */
  readonly isHanging: boolean;
}

/** Runs a program. What has not ended after minutes is ended, with all that it started. */
export async function runProgram({ argv, cwd, env, input }: Program): Promise<Ended> {
  const [program = "", ...rest] = argv;
  const child = spawn(program, rest, { cwd, env, detached: true });
  let isHanging = false;
  const timer = setTimeout(() => {
    isHanging = true;
    // strace writes down what it saw, and lets go of a program that may sit in a call for ever.
    child.kill("SIGTERM");
    setTimeout(() => endGroup(child), 500);
  }, TIME_LIMIT);
  // A program that fails early does not read what it is given.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<Pick<Ended, "status" | "signal">>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ status, signal }));
  });
  try {
    const [stdout, stderr, how] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      ended,
    ]);
    return { ...how, stdout, stderr, isHanging };
  } finally {
    clearTimeout(timer);
  }
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It is over.
  }
}
