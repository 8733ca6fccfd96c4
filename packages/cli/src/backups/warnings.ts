/** What people should know of backups before a key goes, and of files before they are replaced. */
import type { KeyText } from "@proxmox-mcp/crypto";
import type { RestoredFile } from "../commands/backups/restore.ts";
import type { Keys } from "../keys.ts";
import { shortList } from "../short-list.ts";
import type { InspectedBackup } from "./inspect.ts";

/** A warning for each retired key that backups need. */
export function retiredWarnings(
  backups: readonly InspectedBackup[],
  { retired }: KeyText,
): readonly string[] {
  return retired.flatMap(({ id }) => {
    const needing = backups.filter(
      ({ opens, keyIds }) => opens === "retired" && keyIds.includes(id),
    );
    if (needing.length === 0) return [];
    return `${namesOf(needing)} with key ${id ?? "of unusual length"} only: restoring needs that key, which retire-key would drop`;
  });
}

/** A warning for each restored file that is behind the active key, or whose text is not safe or lost. */
export function restoreWarnings(
  files: readonly RestoredFile[],
  keys: Keys,
  isPlan: boolean,
): readonly string[] {
  return files.flatMap((file) => [...behindActive(file, keys, isPlan), ...ofPresent(file, isPlan)]);
}

function behindActive(
  { backup }: RestoredFile,
  { active }: Keys,
  isPlan: boolean,
): readonly string[] {
  const { file, opens, keyIds } = backup;
  if (opens !== "retired") return [];
  const others = keyIds.filter((id) => id !== active.id).map((id) => id ?? "of unusual length");
  return [
    `${file} ${isPlan ? "will open" : "opens"} with the retired key ${others.join(", ")} only: run rotate-key to bring it to key ${active.id ?? "in use"}`,
  ];
}

function ofPresent(
  { backup, present, change, keptAs }: RestoredFile,
  isPlan: boolean,
): readonly string[] {
  const { file } = backup;
  if (change !== "replaced" || present === undefined || present.isEmpty) return [];
  if (present.plainSecrets > 0) {
    return [`${file} held plain secrets: its text ${isPlan ? "will not be" : "was not"} kept`];
  }
  if (present.isConfig) return [];
  const place = keptAs === undefined ? "will be kept" : `is kept in ${keptAs}`;
  return [
    `${file} could not be read as a config (${present.problem?.code}): its text ${place}, and may hold plain secrets`,
  ];
}

function namesOf(backups: readonly InspectedBackup[]): string {
  const [first] = backups;
  if (first !== undefined && backups.length === 1) return `${first.path} opens`;
  const names = backups.map(({ path }) => path);
  return `${backups.length} backups (${shortList(names, 3, ", ")}) open`;
}
