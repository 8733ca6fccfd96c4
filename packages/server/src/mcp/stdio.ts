/** MCP over standard input and output. */
import type { McpServerFactory, Transport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Log } from "../log/log.ts";

/** A client at the other end of the pipes. */
export interface StdioSession {
  /** Settles once the client is gone or `close` was called. */
  readonly closed: Promise<void>;
  /** Ends the session; calls that still run are aborted. */
  close(): Promise<void>;
}

/** Serves the one client of this process. Nothing else may write to standard output. */
export function openStdioSession(
  factory: McpServerFactory,
  log: Log,
  transport: Transport,
): StdioSession {
  const handle = serveStdio(factory, {
    transport,
    // What the client sent may be quoted in the message, so it is not logged.
    onerror: ({ name }) => log("warn", "a message of the client could not be served", { name }),
  });
  const closed = new Promise<void>((resolve) => {
    const { onclose } = transport;
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
  return { closed, close: () => handle.close() };
}
