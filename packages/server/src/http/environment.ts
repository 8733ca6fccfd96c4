/** What the handlers of one HTTP request share. */
import type { HttpBindings } from "@hono/node-server";
import type { MiddlewareHandler } from "hono";
import type { Access } from "./access.ts";
import type { ReadRequest } from "./read-body.ts";
import type { RefusalFormat } from "./refusal.ts";

/** Set by one handler each, in the order of app.ts. */
export interface HttpVariables {
  /** Ours, or the client's where it is a plain word; in every answer as X-Request-Id. */
  readonly requestId: string;
  /** How a refusal looks at this path. */
  readonly refusals: RefusalFormat;
  /** The access rules of the config in force when the request came; once its body is here, those of then. */
  readonly access: Access;
  /** Where the request came from: the peer, or what a trusted proxy says of it. */
  readonly address: string;
  /** The name of the API key that was shown; `undefined` where there is no authentication. */
  readonly key: string | undefined;
  /** At the MCP endpoint: the request with its body. */
  readonly read: ReadRequest;
}

/** The types of our handlers, for hono. */
export interface HttpEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: HttpVariables;
}

/** One concern: answers the request itself, or lets the next handler do so. */
export type Handler = MiddlewareHandler<HttpEnv>;
