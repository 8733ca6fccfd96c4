/** Privileges that are not the same in all releases of Proxmox VE. */

/** Before 9: the only one for the guest agent, and it runs commands in guests. */
const MONITOR = "VM.Monitor";
const UNKNOWN_BEFORE_9 = /^VM\.GuestAgent\./;
const UNKNOWN_FROM_9: ReadonlySet<string> = new Set([MONITOR]);

/** Whether a privilege allows much more than to read. */
export function isPowerful(privilege: string): boolean {
  return privilege === MONITOR;
}

/**
 * Which of several privileges a role of this release may hold: the first one that it knows.
 *
 * @param release as in `9.2.11`; one that cannot be read counts as the newest.
 */
export function privilegeIn(release: string, anyOf: readonly [string, ...string[]]): string {
  const isBefore9 = Number.parseInt(release, 10) < 9;
  const isKnown = (name: string) =>
    isBefore9 ? !UNKNOWN_BEFORE_9.test(name) : !UNKNOWN_FROM_9.has(name);
  return anyOf.find(isKnown) ?? anyOf[0];
}
