/** The MCP endpoint: requests of both eras to servers that live for one request each. */
import {
  createMcpHandler,
  InMemoryServerEventBus,
  type McpHttpHandler,
  type McpRequestContext,
} from "@modelcontextprotocol/server";
import type { HttpSection } from "@proxmox-mcp/crypto/config";
import { createFactory, type ServerParts } from "../mcp/factory.ts";
import { onToolListChange } from "../mcp/list-change.ts";
import type { Caller } from "../policy/caller.ts";
import type { Handler } from "./environment.ts";
import { refuse } from "./refusal.ts";

/** The MCP endpoint of a server. */
export interface McpRoute {
  readonly handler: Handler;
  /** Answers the subscriptions that are open, and takes no further ones. */
  endSubscriptions(): Promise<void>;
  /** Ends the calls in flight without an answer. */
  close(): Promise<void>;
}

/**
 * Makes the endpoint. Who calls is known from the handlers before it.
 *
 * @param createServers makes the servers that answer.
 */
export function createMcpRoute(
  parts: ServerParts,
  createServers: typeof createFactory = createFactory,
): McpRoute {
  const { tools, deployments, log } = parts;
  const factory = createServers(parts, callerOf);
  const options = {
    // What the client sent may be quoted in the message, so it is not logged.
    onerror: ({ name }: Error) => log("warn", "a request could not be served", { name }),
    // Bodies are measured on the way here, by http.body_limit.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    bus: new InMemoryServerEventBus(),
  };
  const calls = createMcpHandler(factory, options);
  // Apart from calls, because closing a handler answers its streams and gives up its calls; and one for
  // each API key, because the streams of a key end with it.
  const subscriptions = new Map<string | undefined, McpHttpHandler>();
  const subscriptionsOf = (key: string | undefined): McpHttpHandler => {
    const handler = subscriptions.get(key) ?? createMcpHandler(factory, options);
    subscriptions.set(key, handler);
    return handler;
  };
  const stopTelling = onToolListChange(tools, deployments, () =>
    options.bus.publish({ kind: "tools_list_changed" }),
  );
  const stopChecking = deployments.onReplaced((next, before) => {
    for (const key of gone(before.config.http.api_keys, next.config.http.api_keys)) {
      void subscriptions.get(key)?.close();
      subscriptions.delete(key);
    }
  });
  let isEnding = false;
  return {
    async handler(context) {
      const { key, address } = context.var;
      const caller: Caller = { transport: "http", key, address };
      const authInfo = { token: "", clientId: key ?? address, scopes: [], extra: { caller } };
      const isSubscription = context.req.header("mcp-method") === "subscriptions/listen";
      if (isSubscription && isEnding) return refuse(context, "ENDING");
      const { fetch } = isSubscription ? subscriptionsOf(key) : calls;
      const { request, parsedBody } = context.var.read;
      const response = await fetch(request, { authInfo, parsedBody });
      response.headers.set("Cache-Control", "no-store, no-transform");
      // Whether the connection stays is not for an answer to say.
      response.headers.delete("Connection");
      return response;
    },
    async endSubscriptions() {
      isEnding = true;
      await Promise.all([...subscriptions.values()].map((handler) => handler.close()));
    },
    async close() {
      stopTelling();
      stopChecking();
      await calls.close();
    },
  };
}

/** The names of keys that are no more, or are others now. */
function gone(before: Keys, after: Keys): readonly string[] {
  const names = Object.keys(before);
  return names.filter((name) => {
    const key = Object.hasOwn(after, name) ? after[name] : undefined;
    return key?.reveal() !== before[name]?.reveal();
  });
}

type Keys = HttpSection["api_keys"];

/** Who the handlers before found the client to be. */
function callerOf({ authInfo }: McpRequestContext): Caller {
  const caller = authInfo?.extra?.["caller"];
  if (caller === undefined) throw new TypeError("the endpoint stands behind authentication");
  return caller as Caller;
}
