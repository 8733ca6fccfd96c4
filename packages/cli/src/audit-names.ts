/** Which files and which keys an operation was about, for the audit log. */
import type { Result } from "./commands/result.ts";
import type { RetireResult } from "./commands/retire-key.ts";
import type { Invocation } from "./invocation.ts";
import { keyFileOf } from "./rotation/drop-keys.ts";

/**
 * The files that were read or written, those of an interrupted run that was closed among them; for an
 * operation that failed, what was asked for.
 */
export function filesOf(invocation: Invocation, result: Result | undefined): readonly string[] {
  if (result === undefined) return requestedOf(invocation);
  const closed = "recovered" in result ? result.recovered.flatMap(({ files }) => files) : [];
  return [...ownFilesOf(invocation, result), ...closed];
}

function ownFilesOf(invocation: Invocation, result: Result): readonly string[] {
  switch (result.command) {
    case "generate-key":
      return present(result.file);
    case "prepare-key":
      return present(result.keyFile);
    case "rotate-key":
    case "rotate-key-all":
      if (result.outcome === "closed") return [];
      return [...result.files.map(({ path }) => path), ...present(result.newKeyFile)];
    case "retire-key":
      return retiredFiles(result);
    case "backups":
      if (result.action === "prune") return result.outdated.map(({ path }) => path);
      return result.action === "restore" ? result.files.map(({ backup }) => backup.file) : [];
    default:
      return [
        ...requestedOf(invocation),
        ...present("output" in result ? result.output : undefined),
      ];
  }
}

/** The ids of the keys that were used, made or removed. */
export function keyIdsOf(result: Result | undefined): readonly string[] {
  switch (result?.command) {
    case "rotate-key":
    case "rotate-key-all":
      return result.outcome === "closed"
        ? present(...result.recovered.map(({ keyId }) => keyId))
        : present(result.oldKeyId, result.newKeyId);
    case "prepare-key":
      return present(result.oldKeyId, result.newKeyId);
    case "retire-key":
      return present(result.activeKeyId, ...result.oldKeyIds);
    case "backups":
      return result.action === "restore"
        ? [...new Set(result.files.flatMap(({ backup }) => present(...backup.keyIds)))]
        : [];
    default:
      return result !== undefined && "keyId" in result ? present(result.keyId) : [];
  }
}

function requestedOf(invocation: Invocation): readonly string[] {
  if ("file" in invocation) return [invocation.file];
  if ("files" in invocation) return invocation.files;
  if ("directories" in invocation) return invocation.directories;
  if ("paths" in invocation) return invocation.paths;
  return "output" in invocation ? present(invocation.output) : [];
}

function retiredFiles(result: RetireResult): readonly string[] {
  const { outcome, backups, deletesBackups, archive, destination, pendingFile } = result;
  if (outcome !== "retired") return [];
  return [
    ...(deletesBackups ? backups : []),
    ...present(archive, keyFileOf(destination), pendingFile),
  ];
}

function present(...names: readonly (string | undefined)[]): readonly string[] {
  return names.filter((name) => name !== undefined);
}
