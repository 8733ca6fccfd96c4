/** A config and its key text where both are kept, rotated in the steps that our commands take. */
import { randomBytes } from "node:crypto";
import {
  activeAlone,
  createOpener,
  createSealer,
  type Document,
  formatKeyText,
  generateMasterKey,
  type KeyText,
  type MasterKey,
  openDocument,
  planRotation,
  planSet,
  switchedTo,
  withSuccessor,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";

export interface Source {
  readonly config: string;
  readonly keyText: string;
  /** The id of the active key. */
  readonly keyId: string;
  /** As `prepare-key`: the key text is `old, next:new`. */
  prepare(): void;
  /** As `rotate-key`: everything is sealed with the new key, and the key text is `new, old`. */
  rotate(): Promise<void>;
  /** As `retire-key`: the key text is `new`. */
  retire(): void;
  /** As `set`: another secret in one field. */
  set(location: string, secret: string): Promise<void>;
}

/** @param config sealed with the key. */
export function createSource(config: string, key: MasterKey): Source {
  let text = config;
  let keys: KeyText = { active: key, successor: undefined, retired: [] };
  const open = (): Promise<Document> => openDocument(text, { format: "json" });
  const sealing = (document: Document, active: MasterKey) => ({
    rules: secretRulesFor(document),
    opener: createOpener({ keys }),
    sealer: createSealer({ key: active, random: randomBytes, now: () => new Date() }),
  });
  return {
    get config() {
      return text;
    },
    get keyText() {
      return formatKeyText(keys);
    },
    get keyId() {
      return keys.active.id ?? "";
    },
    prepare() {
      keys = withSuccessor(keys, generateMasterKey(randomBytes));
    },
    async rotate() {
      const next = keys.successor;
      if (next === undefined) throw new TypeError("no key waits");
      const document = await open();
      const plan = await planRotation(document, sealing(document, next));
      await plan.verify(plan.text);
      text = plan.text;
      keys = switchedTo(keys, next);
    },
    retire() {
      keys = activeAlone(keys);
    },
    async set(location, secret) {
      const document = await open();
      const plan = await planSet(document, location, secret, sealing(document, keys.active));
      text = plan.text;
    },
  };
}
