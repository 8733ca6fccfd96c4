/** Something that a command passed by, and why. */
export interface Skipped {
  readonly path: string;
  readonly reason: string;
}
