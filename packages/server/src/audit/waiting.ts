/** Lines that could not be written yet. */
import type { AuditKey } from "./audit-key.ts";
import type { AuditEvent } from "./line.ts";
import type { AuditPlace } from "./place.ts";

/** A line before it has its place in the chain. */
export interface Entry {
  readonly event: AuditEvent;
  readonly time: Date;
  readonly members: (place: AuditPlace) => Readonly<Record<string, unknown>>;
  /** Whether it must outlast a power cut before anything else happens. */
  readonly isFlushed: boolean;
  /** With `key`: what seals all lines after this one. */
  readonly next?: AuditKey | undefined;
}

/** Calls whose end waits to be written, at most. */
const MOST_CALLS = 1000;

/** A queue of lines that loses the oldest ends of calls where it gets too long, and nothing else. */
export interface Waiting {
  first(): Entry | undefined;
  push(entry: Entry): void;
  /** Puts a line before all others. */
  unshift(entry: Entry): void;
  shift(): void;
  /** How many wait. */
  readonly length: number;
  /** How many were lost since this was last taken. */
  readonly lost: number;
  takeLost(): void;
}

export function createWaiting(): Waiting {
  const entries: Entry[] = [];
  let lost = 0;
  return {
    first: () => entries[0],
    push(entry) {
      entries.push(entry);
      if (entries.filter(isCall).length <= MOST_CALLS) return;
      entries.splice(entries.findIndex(isCall), 1);
      lost += 1;
    },
    unshift: (entry) => entries.unshift(entry),
    shift: () => entries.shift(),
    get length() {
      return entries.length;
    },
    get lost() {
      return lost;
    },
    takeLost() {
      lost = 0;
    },
  };
}

function isCall({ event }: Entry): boolean {
  return event === "end";
}
