/** Serving MCP over standard input and output. */
import { createDrainingTransport } from "./mcp/draining-transport.ts";
import type { ServerParts } from "./mcp/factory.ts";
import { openStdioSession } from "./mcp/stdio.ts";
import { serveUntilEnd } from "./runtime/ending.ts";
import { version } from "./version.ts";

/**
 * Serves the one client of this process until it is gone or a signal comes.
 *
 * @param giveUp ends the calls in flight.
 */
export async function serveStdio(parts: ServerParts, giveUp: () => void): Promise<void> {
  const { log } = parts;
  const transport = createDrainingTransport(process.stdin, process.stdout);
  const session = openStdioSession(parts, transport);
  const served = {
    gone: Promise.race([transport.ended, session.closed]),
    drain: () => transport.drain(),
    close: () => session.close(),
  };
  // Before that is told: who waits for it may send a signal at once.
  const ended = serveUntilEnd(served, giveUp, log);
  log("info", "serving over stdio", { version });
  await ended;
  process.stdin.destroy();
}
