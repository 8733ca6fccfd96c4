// The memory of a process, as the kernel counts it.
import { readFileSync } from "node:fs";

/** @returns MiB of a field of its status, as `VmHWM`; `undefined` where there is no procfs. */
export function memory(pid, field) {
  if (process.platform !== "linux") return undefined;
  const [, kibibytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8")) ??
    [];
  return Number(kibibytes) / 1024;
}
