/** A mounted Secret or ConfigMap, laid out and updated in the steps of the kubelet's atomic writer. */
import { chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Volume {
  /** Gives its file another text: a new directory, to which `..data` leads from one moment to the next. */
  swap(text: string): void;
  /** Has `..data` lead to a directory that is not there. */
  cutOff(): void;
}

/**
 * Mounts a volume of one file.
 *
 * @param directory is made, if it is not there.
 * @param gid the group of its file, which then belongs to root: the fsGroup of a pod.
 */
export function mountVolume(
  directory: string,
  name: string,
  text: string,
  { mode = 0o400, gid }: { readonly mode?: number; readonly gid?: number | undefined } = {},
): Volume {
  let version = 0;
  let present: string | undefined;
  /** Has `..data` lead to another version, and removes the one before it. */
  const lead = (next: string): void => {
    symlinkSync(next, join(directory, "..data_tmp"));
    renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
    if (present !== undefined) rmSync(join(directory, present), { recursive: true, force: true });
    present = next;
  };
  const nextVersion = (): string => {
    version += 1;
    return `..2026_01_31_12_00_00.${String(version).padStart(9, "0")}`;
  };
  const swap = (content: string): void => {
    const next = nextVersion();
    mkdirSync(join(directory, next), { recursive: true });
    writeFileSync(join(directory, next, name), content, { mode });
    if (gid !== undefined) chownSync(join(directory, next, name), 0, gid);
    lead(next);
  };
  swap(text);
  symlinkSync(join("..data", name), join(directory, name));
  return { swap, cutOff: () => lead(nextVersion()) };
}
