/** What a transaction is told beside its changes, and what it tells meanwhile. */

/** What a transaction is told beside its changes. */
export interface CommitDetails {
  /** Once aborted, nothing is changed any more; after the commit point it is not looked at. */
  readonly signal?: AbortSignal | undefined;
  /** For the stamp in the backups' names. Default: the present. */
  readonly now?: Date;
  /** The real paths of what the user asked for, whether it has to change or not. */
  readonly requested?: readonly string[];
  /** The id of the key that the new texts open with, where the operation changes it. */
  readonly keyId?: string | undefined;
  /** Hears of every file that was written aside, and of every file that got its new text. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** How far a transaction is. */
export interface Progress {
  readonly step: "write" | "replace";
  readonly done: number;
  readonly total: number;
}

/**
 * Tells how far a transaction is, behind its commit point: who listens cannot stop it there, whatever
 * becomes of him. A terminal can be gone.
 */
export function tell({ onProgress }: CommitDetails, progress: Progress): void {
  try {
    onProgress?.(progress);
  } catch {
    // The files matter more. That the listener is gone shows wherever it is spoken to next.
  }
}
