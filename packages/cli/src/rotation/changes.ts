/** The second pass of a rotation: every token of a file sealed anew. */
import {
  createOpener,
  createSealer,
  type MasterKey,
  type Plan,
  planRotation,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import { changedError, type FileChange } from "@proxmox-mcp/crypto/files";
import { drawAhead } from "@proxmox-mcp/crypto/internal";
import { readDocument } from "../input.ts";
import type { Looked } from "./look.ts";
import type { SurveyedFile } from "./survey.ts";

/**
 * The changes that put files on a new key. Each file is read again when its turn comes: ten thousand
 * texts have no room in memory.
 */
export function changesOf({ run, keys, openingKeys, todo }: Looked, key: MasterKey): FileChange[] {
  const { io } = run;
  const { now, random } = io;
  const sealer = createSealer({ key, deriver: keys.deriver, now, random: drawAhead(random) });
  const seal = async ({ path, hash }: SurveyedFile): Promise<Plan> => {
    const { document, file } = await readDocument(io, path);
    if (file?.hash !== hash) throw changedError(path);
    const deriver = keys.deriver.forDocument();
    const opener = createOpener({ keys: openingKeys, deriver });
    const rules = secretRulesFor(document);
    return planRotation(document, { rules, opener, sealer });
  };
  return todo.map((file) => new Resealing(file, seal));
}

/** One file of the rotation. A class, since objects with functions of their own take four times the room. */
class Resealing implements FileChange {
  readonly #file: SurveyedFile;
  readonly #seal: (file: SurveyedFile) => Promise<Plan>;

  constructor(file: SurveyedFile, seal: (file: SurveyedFile) => Promise<Plan>) {
    this.#file = file;
    this.#seal = seal;
  }

  get target(): string {
    return this.#file.target;
  }

  get before(): string {
    return this.#file.hash;
  }

  get backup(): boolean {
    return this.#file.plainSecrets === 0;
  }

  make(): Promise<Plan> {
    return this.#seal(this.#file);
  }
}
