/** MCP over standard input and output. */
import type { McpServer, Transport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { STDIO_CALLER } from "../policy/caller.ts";
import { createFactory, type ServerParts } from "./factory.ts";
import { onToolListChange } from "./list-change.ts";

/** A client at the other end of the pipes. */
export interface StdioSession {
  /** Settles once the client is gone or `close` was called. */
  readonly closed: Promise<void>;
  /** Ends the session; calls that still run are aborted. */
  close(): Promise<void>;
}

/**
 * Serves the one client of this process, and tells it when other tools are on offer. Nothing else may
 * write to standard output.
 */
export function openStdioSession(parts: ServerParts, transport: Transport): StdioSession {
  const { tools, deployments, log } = parts;
  const factory = createFactory(parts, () => STDIO_CALLER);
  let serving: McpServer | undefined;
  const handle = serveStdio(
    (context) => {
      serving = factory(context);
      return serving;
    },
    {
      transport,
      // What the client sent may be quoted in the message, so it is not logged.
      onerror: ({ name }) => log("warn", "a message of the client could not be served", { name }),
    },
  );
  const stopTelling = onToolListChange(tools, deployments, () => {
    // A client that is gone, or not yet there, misses nothing.
    serving?.server.sendToolListChanged().catch(() => {});
  });
  const closed = new Promise<void>((resolve) => {
    const { onclose } = transport;
    transport.onclose = () => {
      onclose?.();
      stopTelling();
      resolve();
    };
  });
  return { closed, close: () => handle.close() };
}
