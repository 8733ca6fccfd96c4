/** Where lines of the audit log go. */

/** A file or a stream that takes lines. */
export interface AuditPlace {
  /** The mac of the last line that stood there when it was opened; `null` where there was none. */
  readonly after: string | null;
  /** Appends a line with its line end, whole. @throws Error where it does not stand there whole. */
  append(line: string): void;
  /** Waits until what was appended outlasts a power cut. @throws Error */
  flush(): void;
  /** Whether nobody will find there any more what is appended. */
  isGone(): boolean;
  close(): void;
}
