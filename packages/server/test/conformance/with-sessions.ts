/**
 * Sessions for clients of revisions before 2026-07-28. Our own endpoint has none and so cannot ask such a
 * client anything in the middle of a call; over stdio it can. The suite speaks nothing but HTTP, and
 * finds here what our servers do with a client that can be asked.
 */
import { randomUUID } from "node:crypto";
import {
  isLegacyRequest,
  type McpRequestContext,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { McpRoute } from "../../src/http/mcp-route.ts";

type Transport = WebStandardStreamableHTTPServerTransport;

/** The same endpoint, but for a session for every client that begins with `initialize`. */
export function withSessions(
  route: McpRoute,
  factory: (context: McpRequestContext) => McpServer,
): McpRoute {
  // Those that were closed too: they answer that they are.
  const sessions = new Map<string, Transport>();
  const open = async (request: Request): Promise<Transport> => {
    const transport: Transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await factory({ era: "legacy", requestInfo: request }).connect(transport);
    return transport;
  };
  return {
    ...route,
    async handler(context, next) {
      const { request, parsedBody } = context.var.read;
      if (!(await isLegacyRequest(request, parsedBody))) return await route.handler(context, next);
      const known = sessions.get(request.headers.get("mcp-session-id") ?? "");
      return await (known ?? (await open(request))).handleRequest(request, { parsedBody });
    },
    async close() {
      for (const transport of sessions.values()) await transport.close();
      await route.close();
    },
  };
}
