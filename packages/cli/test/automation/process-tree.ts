/** Ends a process with everything that it started, whatever group or session that has made for itself. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** A process and all that came from it, from the first to the last. */
export function treeOf(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const [pid, parent] of processes()) {
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = [root];
  for (let next = found; next.length > 0; ) {
    next = next.flatMap((pid) => children.get(pid) ?? []);
    found.push(...next);
  }
  return found;
}

/** Kills processes and what comes from them meanwhile: what is stopped first starts nothing more. */
export function killAll(roots: readonly number[]): void {
  const stopped = new Set<number>();
  for (;;) {
    const found = roots.flatMap(treeOf).filter((pid) => !stopped.has(pid));
    if (found.length === 0) break;
    for (const pid of found) {
      stopped.add(pid);
      signal(pid, "SIGSTOP");
    }
  }
  for (const pid of stopped) signal(pid, "SIGKILL");
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is over.
  }
}

// Each process with the one that started it.
function processes(): readonly (readonly [number, number])[] {
  if (existsSync("/proc/self/stat")) {
    return readdirSync("/proc").flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      try {
        // The name of the program, in parentheses, may hold anything.
        const stat = readFileSync(`/proc/${name}/stat`, "utf8").replace(/^.*\)/s, "");
        return [[Number(name), Number(stat.trim().split(" ")[1])] as const];
      } catch {
        return [];
      }
    });
  }
  return execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => {
      const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
      return [pid, parent] as const;
    });
}
