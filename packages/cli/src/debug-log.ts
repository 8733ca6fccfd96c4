import type { Debug } from "./io.ts";

/** Debug logging by pino, as JSON lines on stderr. Loaded only where it was asked for. */
export async function createDebugLog(): Promise<Debug> {
  const { pino } = await import("pino");
  const logger = pino({ level: "debug", base: null }, pino.destination({ fd: 2, sync: true }));
  return (message, fields = {}) => logger.debug(fields, message);
}
