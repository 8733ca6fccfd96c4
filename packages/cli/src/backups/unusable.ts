/** Backups that cannot be restored: one of them stops the whole run. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { everyKey } from "@proxmox-mcp/crypto/internal";
import { readDocument } from "../input.ts";
import type { CommonFlags } from "../invocation.ts";
import type { Io } from "../io.ts";
import { type Keys, withOtherKey } from "../keys.ts";
import { troubledFiles } from "../short-list.ts";
import type { InspectedBackup } from "./inspect.ts";

/** @throws ProxmoxMcpError BACKUP_UNUSABLE, naming the backups, their fields and the keys tried. */
export async function refuseUnusable(
  io: Io,
  flags: CommonFlags,
  backups: readonly InspectedBackup[],
  keys: Keys,
): Promise<void> {
  const unusable = backups.filter(({ problems }) => problems.length > 0);
  const [backup] = unusable;
  const [problem] = backup?.problems ?? [];
  if (backup === undefined || problem === undefined) return;
  const isOne = unusable.length === 1 && backup.problems.length === 1;
  const what = isOne
    ? `${backup.path} cannot be restored: ${problem.message}`
    : `${unusable.length} of ${backups.length} backups cannot be restored: ${troubledFiles(unusable)}`;
  const isKey = problem.code === "NO_KEY_OPENS";
  throw new ProxmoxMcpError(
    "BACKUP_UNUSABLE",
    `${what}${isKey ? ` (tried: ${triedKeys(keys)})` : ""}; nothing was changed`,
    {
      where: isOne ? problem.where : {},
      hint: isKey
        ? await keyHint(io, flags, backup, problem)
        : `choose another one: proxmox-mcp-encrypt backups list ${backup.file}`,
      cause: problem,
      problems: unusable.flatMap(({ problems }) => problems),
    },
  );
}

function triedKeys({ keys }: Keys): string {
  return everyKey(keys)
    .map(({ id }) => `key ${id ?? "of unusual length"}`)
    .join(", ");
}

async function keyHint(
  io: Io,
  flags: CommonFlags,
  { path }: InspectedBackup,
  problem: ProxmoxMcpError,
): Promise<string> {
  const { document } = await readDocument(io, path);
  const found = await withOtherKey(io, flags, document, problem);
  if (found instanceof ProxmoxMcpError && found !== problem && found.hint !== undefined) {
    return found.hint;
  }
  return "name the key file that has its key with --key-file, such as one that `retire-key --archive-key` made";
}
