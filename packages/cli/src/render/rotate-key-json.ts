import { errorJson, lazyList } from "@proxmox-mcp/crypto/internal";
import type { RotatedFile, RotateResult } from "../rotation/result.ts";
import { destinationJson } from "./destination-json.ts";
import { recoveryJson } from "./recovery.ts";

/** The JSON of `rotate-key` and `rotate-key-all`. */
export function rotateKeyJson(result: RotateResult): object {
  const { outcome, files, skipped, failed, oldKeyId, newKeyId, newKeyFile, text } = result;
  return {
    outcome,
    files: lazyList(files, fileJson),
    skipped: lazyList(skipped, ({ path, reason }) => ({ file: path, reason })),
    failed: failed.map(({ path, problems }) => ({
      file: path,
      problems: problems.map(errorJson),
    })),
    oldKeyId: oldKeyId ?? null,
    newKeyId: newKeyId ?? null,
    newKeyOrigin: result.newKeyOrigin ?? null,
    keyFrom: result.keyFrom,
    destination: destinationJson(result.destination),
    newKeyFile: newKeyFile ?? null,
    pendingFile: result.pendingFile ?? null,
    recovered: result.recovered.map(recoveryJson),
    interrupted: result.interrupted,
    ...(text === undefined ? {} : { key: text.trimEnd() }),
  };
}

function fileJson({ path, fields, backup, plainSecrets, strayLines }: RotatedFile): object {
  return {
    file: path,
    fields: fields.map(({ location, state, keyId }) => ({
      location,
      state,
      keyId: keyId ?? null,
    })),
    keepsBackup: plainSecrets === 0,
    backup: backup ?? null,
    strayLines,
  };
}
