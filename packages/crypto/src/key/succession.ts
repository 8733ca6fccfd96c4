/** How one key text becomes the next: a key waits, becomes active, and at the end stands alone. */
import { everyKey, type KeyText } from "./key-text.ts";
import type { MasterKey } from "./master-key.ts";

/** Whether a key text holds a key, in whatever role. */
export function holdsKey(keys: KeyText, key: MasterKey): boolean {
  return everyKey(keys).some((known) => known.equals(key));
}

/**
 * The key text in which `next` waits to become active. A retired key may come back in this way.
 *
 * @throws TypeError where another successor waits already, or `next` is the active key.
 */
export function withSuccessor(keys: KeyText, next: MasterKey): KeyText {
  const { active, successor, retired } = keys;
  if (active.equals(next)) throw new TypeError("the active key cannot succeed itself");
  if (successor !== undefined && !successor.equals(next)) {
    throw new TypeError("another successor is waiting already");
  }
  return { active, successor: next, retired: without(retired, next) };
}

/** The key text in which `next` is active and every other key is retired, the active one of now first. */
export function switchedTo(keys: KeyText, next: MasterKey): KeyText {
  return { active: next, successor: undefined, retired: without(everyKey(keys), next) };
}

/** The key text of the active key alone. The only step that loses keys: nothing may need them any more. */
export function activeAlone({ active }: KeyText): KeyText {
  return { active, successor: undefined, retired: [] };
}

function without(keys: readonly MasterKey[], key: MasterKey): readonly MasterKey[] {
  return keys.filter((other) => !other.equals(key));
}
