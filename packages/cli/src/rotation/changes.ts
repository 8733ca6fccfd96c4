/** The second pass of a rotation: every token of a file sealed anew. */
import { createOpener, createSealer, type MasterKey, planRotation } from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import { changedError, type FileChange } from "@proxmox-mcp/crypto/files";
import { drawAhead } from "@proxmox-mcp/crypto/internal";
import { readDocument } from "../input.ts";
import type { Looked } from "./look.ts";

/**
 * The changes that put files on a new key. Each file is read again when its turn comes: ten thousand
 * texts have no room in memory.
 */
export function changesOf({ run, keys, openingKeys, todo }: Looked, key: MasterKey): FileChange[] {
  const { io } = run;
  const { now, random } = io;
  const sealer = createSealer({ key, deriver: keys.deriver, now, random: drawAhead(random) });
  return todo.map(({ path, target, hash, plainSecrets }) => ({
    target,
    before: hash,
    backup: plainSecrets === 0,
    async make() {
      const { document, file } = await readDocument(io, path);
      if (file?.hash !== hash) throw changedError(path);
      const deriver = keys.deriver.forDocument();
      const opener = createOpener({ keys: openingKeys, deriver });
      const rules = secretRulesFor(document);
      return planRotation(document, { rules, opener, sealer });
    },
  }));
}
