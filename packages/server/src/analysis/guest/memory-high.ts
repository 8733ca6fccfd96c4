import type { Rule } from "../rule.ts";
import { fullness } from "../space.ts";
import { aboutGuest, guestName, guestSubject, isRunning } from "../subject.ts";
import { type GuestFacts, guestRule } from "./facts.ts";

const THRESHOLD = { memory_fraction: 0.9 } as const;

/** Without a balloon driver inside, this is what the process holds: caches of the guest count too. */
export const MEMORY_HIGH: Rule<GuestFacts> = guestRule({
  id: "guest.memory-high",
  title: "The guest uses most of its memory",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "see inside what uses it (`free -m`): caches are no need. If it is one: `{command} set {vmid} --memory MEBIBYTES` on {node}, and for a virtual machine stop and start it",
  check: ({ guest }) =>
    isRunning(guest)
      ? fullness(
          {
            subject: guestSubject(guest),
            name: guestName(guest),
            of: "memory",
            used: guest.mem,
            total: guest.maxmem,
            about: aboutGuest(guest),
          },
          { from: THRESHOLD.memory_fraction },
        )
      : [],
});
