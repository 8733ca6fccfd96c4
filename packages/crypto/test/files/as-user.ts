/** Being somebody else for a moment, in this very process. Root alone can. */

export const asRoot: boolean = process.getuid?.() === 0;

/** Does some work as a user who is not root. */
export async function asUser<T>(uid: number, gid: number, work: () => T): Promise<Awaited<T>> {
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** Says on the terminal what was not tested. */
export function sayWhatNeedsRoot(what: string): void {
  if (!asRoot) process.stdout.write(`NOT TESTED, since it needs root: ${what}\n`);
}
