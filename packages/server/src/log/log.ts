/** How the parts of the server speak to those who run it. */

export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";

/**
 * Logs one message.
 *
 * @param fields names, counts and codes. Never a secret; a key or a token that strays into a text is
 * made unreadable.
 */
export type Log = (
  level: LogLevel,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;
