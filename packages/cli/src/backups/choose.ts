/** Which backups are to be restored: one for each file. */
import { dirname } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { resolveTarget } from "@proxmox-mcp/crypto/files";
import type { Skipped } from "../skipped.ts";
import { backupsAt, type FoundBackup, findBackupsOf, kindOf } from "./find.ts";

/** The backup that a file is to be restored from. */
export interface Choice {
  readonly backup: FoundBackup;
  /** Whether it was not named, but taken as the newest one. */
  readonly isNewest: boolean;
}

/** The backups of a run. */
export interface Choices {
  readonly choices: readonly Choice[];
  /** What has the same stamp, and is none of ours. */
  readonly skipped: readonly Skipped[];
}

/**
 * Chooses a backup for each file: the one that was named, that of a stamp, or the newest.
 *
 * @throws ProxmoxMcpError USAGE for a directory without a stamp, or two backups of one file;
 * FILE_NOT_FOUND where there is no such backup; and as `findBackupsOf`.
 */
export function chooseBackups(paths: readonly string[], stamp: string | undefined): Choices {
  const chosen = new Map<string, Choice>();
  const skipped: (readonly Skipped[])[] = [];
  for (const path of paths) {
    const found = kindOf(path) === "directory" ? runBelow(path, stamp) : oneOf(path, stamp);
    skipped.push(found.skipped);
    for (const choice of found.choices) {
      const { target, path } = choice.backup;
      const other = chosen.get(target)?.backup.path ?? path;
      if (resolveTarget(other) !== resolveTarget(path)) throw twoError(other, path);
      chosen.set(target, choice);
    }
  }
  return { choices: [...chosen.values()], skipped: skipped.flat() };
}

function runBelow(directory: string, stamp: string | undefined): Choices {
  if (stamp === undefined) {
    throw new ProxmoxMcpError("USAGE", "a directory is restored by the stamp of a run", {
      hint: `see which there are: proxmox-mcp-encrypt backups list ${directory}; then give one with --stamp`,
    });
  }
  const { backups, skipped } = findBackupsOf([directory], stamp);
  if (backups.length === 0) throw missingError(directory, stamp, "below");
  return { choices: backups.map((backup) => ({ backup, isNewest: false })), skipped };
}

function oneOf(path: string, stamp: string | undefined): Choices {
  const found = backupsAt(path);
  const backup = found.findLast((candidate) => stamp === undefined || candidate.stamp === stamp);
  if (backup === undefined) throw missingError(path, stamp, "of");
  const isNewest = stamp === undefined && kindOf(path) === "file";
  return { choices: [{ backup, isNewest }], skipped: [] };
}

function missingError(
  path: string,
  stamp: string | undefined,
  relation: "of" | "below",
): ProxmoxMcpError {
  const which = stamp === undefined ? "" : ` of the run ${stamp}`;
  const place = relation === "below" ? path : dirname(path);
  return new ProxmoxMcpError("FILE_NOT_FOUND", `there is no backup${which} ${relation} ${path}`, {
    where: { file: path },
    hint: `see which there are: proxmox-mcp-encrypt backups list ${place}`,
  });
}

function twoError(one: string, other: string): ProxmoxMcpError {
  return new ProxmoxMcpError("USAGE", `${one} and ${other} are two backups of one file`, {
    hint: "name one of them",
  });
}
