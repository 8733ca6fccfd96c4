/** What is worth a word in a config that works all the same. */
import type { Where } from "../errors.ts";

/** A stable code, as errors have them. */
export type ConfigWarningCode =
  /** A key that the server does not know, and ignores. */
  | "UNKNOWN_KEY"
  /** A secret that stands in the file unencrypted. */
  | "PLAIN_SECRET"
  /** A secret that stands in the file as the default of a placeholder, and is in use. */
  | "PLAIN_DEFAULT";

/** A warning. Like an error it has a stable code, a place and a way out, and never holds a value. */
export interface ConfigWarning {
  readonly code: ConfigWarningCode;
  readonly message: string;
  readonly where: Where;
  readonly hint: string;
}
