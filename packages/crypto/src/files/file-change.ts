/** What a transaction is asked to do with one file. */
import type { Owner } from "./durable.ts";

/** A new text for one file. */
export interface FileChange {
  /** Its path, with all links resolved. */
  readonly target: string;
  /** SHA-256 of the text that the new one is made from, in hex; `undefined` where no file may be. */
  readonly before: string | undefined;
  /** Makes the new text when its turn comes, so that ten thousand of them need no memory. */
  readonly make: () => NewText | Promise<NewText>;
  /** Permission bits of the new text. Default: those of the old one; 0600 for a new file. */
  readonly mode?: number | undefined;
  /**
   * Whose the new text shall be; a user who may not give files away keeps it. Default: the owner of
   * the old text, who must be given it; our own for a new file.
   */
  readonly owner?: Owner | "ours" | undefined;
  /** Whether the old text is kept beside the file. Never for a text that holds a plain secret. */
  readonly backup: boolean;
}

/** A text to come. */
export interface NewText {
  readonly text: string;
  /** Gets the text that is on the disk, as its hash confirms, and throws what is wrong with it. */
  readonly verify?: ((text: string) => void | Promise<void>) | undefined;
}
