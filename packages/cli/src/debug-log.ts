/** Debug logging by pino. Load this module only where it is asked for: pino takes its time. */
import { pino } from "pino";
import type { Debug } from "./io.ts";

/** Logs JSON lines to stderr: stdout belongs to data. */
export function createDebugLog(): Debug {
  const logger = pino({ level: "debug", base: null }, pino.destination({ fd: 2, sync: true }));
  return (message, fields = {}) => logger.debug(fields, message);
}
