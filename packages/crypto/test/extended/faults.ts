/** Running a child's job under strace, which stops it or lets its calls fail. Linux alone. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Answer, Child, Job } from "../files/harness.ts";

/** The calls that change what is on the disk, or make it stay. */
const CALLS = ["fchmod", "fchown", "fsync", "ftruncate", "link", "rename", "unlink"];

/** Whether processes can be traced here. */
export const traceable: boolean =
  spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status === 0;

/** How a job went. */
export interface Run {
  answer: Answer | undefined;
  /** The traced calls, in their order. */
  calls: string[];
}

/** Runs a job with faults, such as `fsync:error=EIO:when=2`; each has to fire. */
export function runWithFaults(child: Child, job: Job, ...faults: string[]): Run {
  const trace = join(tmpdir(), `${process.pid}-proxmox-mcp.trace`);
  const argv = ["-f", "-qq", "-o", trace, "-e", `trace=${CALLS.join(",")}`];
  for (const fault of faults) argv.push("-e", `inject=${fault}`);
  const { stdout } = spawnSync("strace", [...argv, ...child.argv(job)], { encoding: "utf8" });
  const lines = readFileSync(trace, "utf8").split("\n");
  rmSync(trace);
  const failed = lines.filter((line) => line.includes("(INJECTED)")).length;
  // Every thread of a process that is killed says so.
  const killed = lines.some((line) => line.includes("killed by SIGKILL")) ? 1 : 0;
  const fired = `faults that fired of ${faults}`;
  if (faults.some((fault) => fault.includes("signal=KILL"))) expect(killed, fired).toBe(1);
  else expect(failed, fired).toBeGreaterThanOrEqual(faults.length);
  return {
    answer: stdout === "" ? undefined : (JSON.parse(stdout) as Answer),
    calls: lines.flatMap((line) => /^\d+ +([a-z]+)\(/.exec(line)?.[1] ?? []),
  };
}

/** Each call of a run, with its number among those of its name. */
export function numbered(calls: readonly string[]): [call: string, when: number][] {
  const seen = new Map<string, number>();
  return calls.map((call) => {
    const when = (seen.get(call) ?? 0) + 1;
    seen.set(call, when);
    return [call, when];
  });
}
