/** Which master keys had been replaced where a line stands, as the lines before it say. */
import type { AuditRecord } from "./record.ts";

/** Follows `key` lines through all chains. */
export interface Succession {
  /** Takes a line that is as it was written. */
  take(record: AuditRecord): void;
  isReplaced(key: string | null): boolean;
}

export function createSuccession(): Succession {
  const replaced = new Set<unknown>();
  return {
    take({ event, key, next }) {
      // Who has a key that was replaced must not be able to put it back.
      if (event !== "key" || replaced.has(key)) return;
      replaced.delete(next);
      if (next !== key) replaced.add(key);
    },
    isReplaced: (key) => replaced.has(key),
  };
}
