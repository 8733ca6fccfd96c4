import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

/** Work on it is under way, or died and left its lock behind. */
export const LOCKED: Rule<GuestFacts> = guestRule({
  id: "guest.locked",
  title: "The guest is locked",
  severity: "warning",
  threshold: null,
  remedy:
    "wait for the task that holds it: `pvesh get /nodes/{node}/tasks --vmid {vmid} --source active`. Only if there is none: `{command} unlock {vmid}`",
  check: ({ guest, status, config }) => {
    const lock = status?.lock ?? guest.lock ?? config?.["lock"];
    if (lock === undefined) return [];
    return found(guest, `${guestName(guest)} is locked: ${lock}`, { lock });
  },
});
