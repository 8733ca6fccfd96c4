/** How far a change of keys is, told from the key text and the files alone. */
import type { KeyText } from "@proxmox-mcp/crypto";
import { everyKey } from "@proxmox-mcp/crypto/internal";

/**
 * - `settled`: one key, and nothing to do.
 * - `prepared`: a next key waits, and no file uses it.
 * - `switching`: some files are on the next key, some are not.
 * - `switched`: every file is on the next key, which is not the active one yet.
 * - `behind`: some files are on a retired key.
 * - `rotated`: every file is on the active key, and retired keys are still kept.
 */
export const PHASES = [
  "settled",
  "prepared",
  "switching",
  "switched",
  "behind",
  "rotated",
] as const;
export type Phase = (typeof PHASES)[number];

/**
 * Tells the phase.
 *
 * @param used the ids of the keys that open the tokens of all files, each at least once.
 */
export function phaseOf(keys: KeyText, used: ReadonlySet<string | undefined>): Phase {
  const { active, successor, retired } = keys;
  if (successor !== undefined) {
    if (!used.has(successor.id)) return "prepared";
    const others = everyKey(keys).filter((key) => key !== successor);
    return others.some(({ id }) => used.has(id)) ? "switching" : "switched";
  }
  if (retired.some(({ id }) => used.has(id) && id !== active.id)) return "behind";
  return retired.length > 0 ? "rotated" : "settled";
}
