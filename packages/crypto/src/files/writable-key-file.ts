/** Whether a key file can take a new text: by replacement, in the directory that it is in. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname, sep } from "node:path";
import { resolveTarget } from "./read.ts";

/**
 * Whether a key file may be rotated where it is: a regular file, after its links, that this user may
 * write and whose directory he may write in; not on a read-only file system, no mount point of its
 * own, and nothing that Kubernetes mounts and would take back.
 *
 * A hope and no promise: what else is in the way is told by the replacement itself.
 */
export function isWritableKeyFile(path: string): boolean {
  try {
    const target = resolveTarget(path);
    const directory = dirname(target);
    if (!statSync(target).isFile() || isBelowKubernetesMount(target)) return false;
    accessSync(target, constants.R_OK | constants.W_OK);
    accessSync(directory, constants.W_OK | constants.X_OK);
    return !isMountPoint(target, directory);
  } catch {
    return false;
  }
}

/** A mounted Secret is `KEY -> ..data/KEY`, and `..data -> ..2026_01_31_12_00_00.1234`. */
function isBelowKubernetesMount(target: string): boolean {
  return target.split(sep).some((name) => name.startsWith(".."));
}

// A single file that is mounted (a bind mount, a subPath) cannot be replaced. From the same file
// system it has its directory's device number, and only Linux's own list tells.
function isMountPoint(target: string, directory: string): boolean {
  return statSync(target).dev !== statSync(directory).dev || mountPoints().includes(target);
}

function mountPoints(): readonly string[] {
  let list: string;
  try {
    list = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return [];
  }
  return list.split("\n").map((line) => unescapeOctal(line.split(" ")[4] ?? ""));
}

/** White space and backslashes of a path are written in octal there, as `\040`. */
function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
