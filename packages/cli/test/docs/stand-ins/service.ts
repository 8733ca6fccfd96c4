/** Servers that run in the background, in the place of a service, a container or a pod. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keep, kept, rooted, WORLD } from "./place.ts";

/** How something is started. Paths are those of the machine. */
export interface Command {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a process that outlives this one. What it prints is appended to its log. */
export function start(name: string, command: Command): void {
  const { pid } = spawned(name, command, true);
  keep(`pids/${name}`, pid);
}

/** Runs a process to its end. @returns its exit status. */
export async function run(name: string, command: Command): Promise<number> {
  const child = spawned(name, command, false);
  return await new Promise((resolve) => child.once("close", (status) => resolve(status ?? 1)));
}

/** Ends it as a service manager does, and waits for that. */
export async function stop(name: string): Promise<void> {
  signal(name, "SIGTERM");
  while (isRunning(name)) await sleep(20);
}

export function signal(name: string, which: NodeJS.Signals): void {
  const pid = kept<number | undefined>(`pids/${name}`, undefined);
  if (pid !== undefined && isRunning(name)) process.kill(pid, which);
}

export function isRunning(name: string): boolean {
  const pid = kept<number | undefined>(`pids/${name}`, undefined);
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that has ended, and that nobody has asked for its status.
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
  return !/\) Z /.test(stat);
}

/** Everything that it has printed. */
export function logOf(name: string): string {
  const path = logPath(name);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function spawned(name: string, { argv, env }: Command, detached: boolean) {
  const [program = "", ...rest] = argv.map(rooted);
  const log = openSync(logPath(name), "a");
  const child = spawn(program, rest, {
    detached,
    stdio: ["ignore", log, log],
    // Nothing of the shell that asks for it, as with a service manager.
    env: {
      PATH: process.env["PATH"],
      HOME: join(WORLD, "nobody"),
      TZ: "UTC",
      ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, rooted(value)])),
    },
  });
  if (detached) child.unref();
  return child;
}

function logPath(name: string): string {
  mkdirSync(join(WORLD, "state/logs"), { recursive: true });
  return join(WORLD, "state/logs", `${name}.log`);
}
