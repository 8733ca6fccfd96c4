/** Whose files this process may act on. On a system without owners all count as our own. */

/** A user, by its number. */
export interface Writer {
  readonly uid: number;
}

/** Whether something belongs to us. Root may act for any user whose home it was told. */
export function isOurs({ uid }: Writer): boolean {
  const own = process.geteuid?.();
  return own === undefined || own === 0 || own === uid;
}

/**
 * Whether what a user wrote may be acted on: our own, root's, and that of somebody who could have
 * brought about the same without us.
 */
export function isTrusted({ uid }: Writer, able: Writer | undefined): boolean {
  const own = process.geteuid?.();
  return own === undefined || uid === own || uid === 0 || uid === able?.uid;
}
