/** Runs a program under Debian's strace: lists its disk calls, and makes one of them fail or kill it. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as passTime } from "node:timers/promises";
import { DISK_CALLS, type Fault, isSignal, readTrace, type Trace } from "./calls.ts";
import { type Ended, type Program, runProgram } from "./program.ts";

/** Why nothing can be traced on this machine; `undefined` where it can. */
export const untraceable: string | undefined = findObstacle();

/** A finished program and its traced calls. */
export interface Traced extends Ended, Trace {}

/** Runs a program under strace. @param file where strace writes. */
export async function trace(program: Program, file: string, fault?: Fault): Promise<Traced> {
  const names = fault === undefined ? DISK_CALLS.map((name) => `?${name}`) : [fault.name];
  const argv = [
    "strace",
    "-f",
    "-qq",
    "-y",
    "-s",
    "0",
    "-o",
    file,
    "-e",
    `trace=${names.join(",")}`,
  ];
  // It lets all other calls pass at full speed, but loses signals that are injected.
  if (fault === undefined || !isSignal(fault)) argv.push("--seccomp-bpf");
  if (fault !== undefined) argv.push("-e", `inject=${fault.name}:${effectOf(fault)}`);
  for (const path of fault?.among ?? []) argv.push("-P", path);
  const ended = await runProgram({
    ...program,
    argv: [...argv, ...program.argv],
    // Calls are counted in each thread: one thread for all that is not the main one's.
    env: { ...program.env, UV_THREADPOOL_SIZE: "1" },
  });
  return { ...ended, ...readTrace(readFileSync(file, "latin1"), fault) };
}

/**
 * Runs a program, stops it after one of its calls, does something else, and lets it go on.
 *
 * @returns `undefined` where it was never stopped.
 */
export async function pause(
  program: Program,
  file: string,
  { name, when }: Pick<Fault, "name" | "when">,
  meanwhile: () => void,
): Promise<Ended | undefined> {
  const inject = ["-e", `trace=${name}`, "-e", `inject=${name}:signal=STOP:when=${when}`];
  const argv = ["strace", "-f", "-qq", "-y", "-s", "0", "-o", file, ...inject, ...program.argv];
  rmSync(file, { force: true });
  let isOver = false;
  let wasStopped = false;
  const running = runProgram({
    ...program,
    argv,
    env: { ...program.env, UV_THREADPOOL_SIZE: "1" },
  }).finally(() => {
    isOver = true;
  });
  while (!isOver && !wasStopped) {
    await passTime(5);
    const thread = stoppedThread(file);
    if (thread === undefined) continue;
    wasStopped = true;
    try {
      meanwhile();
    } finally {
      process.kill(thread, "SIGCONT");
    }
  }
  const ended = await running;
  return wasStopped ? ended : undefined;
}

function stoppedThread(file: string): number | undefined {
  const text = existsSync(file) ? readFileSync(file, "latin1") : "";
  const [, thread] = /^(\d+) +--- stopped by SIGSTOP/m.exec(text) ?? [];
  return thread === undefined ? undefined : Number(thread);
}

function effectOf(fault: Fault): string {
  const { kind, when, lasting = false } = fault;
  return `${isSignal(fault) ? "signal" : "error"}=${kind}:when=${when}${lasting ? "+" : ""}`;
}

function findObstacle(): string | undefined {
  if (process.platform !== "linux") return "it needs Linux";
  const probe = ["-f", "-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true"];
  const { error, status } = spawnSync("strace", probe);
  if (error !== undefined) return "it needs strace (Debian: apt-get install strace)";
  return status === 0 ? undefined : "strace may not trace here (ptrace is not permitted)";
}
