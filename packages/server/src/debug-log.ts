/** Debug logging by pino. Load this module only where it is asked for: pino takes its time. */
import { pino } from "pino";

/** Logs a message with names and counts, never a value. */
type Debug = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Logs JSON lines to stderr: stdout belongs to data and to the protocol. */
export function createDebugLog(): Debug {
  const logger = pino({ level: "debug", base: null }, pino.destination({ fd: 2, sync: true }));
  return (message, fields = {}) => logger.debug(fields, message);
}
