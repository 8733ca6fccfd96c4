/** How requests are refused: every code, its status and its words, and the one shape of the answer. */
import type { Context } from "hono";
import { UNEXPECTED_HINT } from "../mcp/outcome.ts";
import type { HttpEnv } from "./environment.ts";

/** A stable code of a refusal. */
export type RefusalCode =
  | "BAD_REQUEST"
  | "BATCH_REFUSED"
  | "UNAUTHORIZED"
  | "HOST_REFUSED"
  | "ORIGIN_REFUSED"
  | "NETWORK_REFUSED"
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "REQUEST_TIMEOUT"
  | "BODY_TOO_LARGE"
  | "RATE_LIMITED"
  | "HEADERS_TOO_LARGE"
  | "UNEXPECTED"
  | "ENDING";

interface Reason {
  readonly status: number;
  readonly message: string;
  readonly hint: string;
}

/** None of the texts holds anything of the request. */
const REFUSALS: Readonly<Record<RefusalCode, Reason>> = {
  BAD_REQUEST: {
    status: 400,
    message: "the request is no HTTP request that this server understands",
    hint: "send it as HTTP/1.1, with one Host header and a plain path",
  },
  BATCH_REFUSED: {
    status: 400,
    message: "JSON-RPC batches are not taken",
    hint: "send each message in a request of its own",
  },
  UNAUTHORIZED: {
    status: 401,
    message: "an API key is needed, and it must be one of this server's",
    hint: "send it as Authorization: Bearer KEY; keys stand in http.api_keys of the server's config",
  },
  HOST_REFUSED: {
    status: 403,
    message: "the Host header is none of this server's names",
    hint: "whoever runs the server lists its names in http.allowed_hosts",
  },
  ORIGIN_REFUSED: {
    status: 403,
    message: "web pages of this origin may not call",
    hint: "whoever runs the server lists origins in http.allowed_origins",
  },
  NETWORK_REFUSED: {
    status: 403,
    message: "this address may not call",
    hint: "whoever runs the server lists networks in http.allowed_networks",
  },
  NOT_FOUND: {
    status: 404,
    message: "there is nothing at this path",
    hint: "the path of the MCP endpoint is http.path in the server's config, /api/mcp by default",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: "this path does not take this method",
    hint: "the Allow header lists those that it takes",
  },
  REQUEST_TIMEOUT: {
    status: 408,
    message: "the request took too long to arrive",
    hint: "send headers and body at once",
  },
  BODY_TOO_LARGE: {
    status: 413,
    message: "the body is larger than http.body_limit of the server's config",
    hint: "send less; no tool needs this much",
  },
  RATE_LIMITED: {
    status: 429,
    message: "too many requests",
    hint: "wait as many seconds as Retry-After says",
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    message: "the headers are too many or too large",
    hint: "send 100 headers at most, and 16 KiB of them",
  },
  UNEXPECTED: {
    status: 500,
    message: "the server failed",
    hint: UNEXPECTED_HINT,
  },
  ENDING: {
    status: 503,
    message: "the server is ending",
    hint: "connect again in a moment",
  },
};

/** `json-rpc` where MCP clients listen, `json` everywhere else. */
export type RefusalFormat = "json" | "json-rpc";

/** A refusal, ready to be sent. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const SERVER_ERROR = -32_000;

/** Makes a refusal. */
export function refusalOf(
  code: RefusalCode,
  format: RefusalFormat,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  const { status, message, hint } = REFUSALS[code];
  const body =
    format === "json"
      ? { error: { code, message, hint } }
      : {
          jsonrpc: "2.0",
          id: null,
          error: { code: SERVER_ERROR, message, data: { code, hint } },
        };
  return {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
    body: JSON.stringify(body),
  };
}

/** Refuses the request of a handler. `headers` go with the answer, as Retry-After does. */
export function refuse(
  context: Context<HttpEnv>,
  code: RefusalCode,
  headers?: Readonly<Record<string, string>>,
): Response {
  const refusal = refusalOf(code, context.var.refusals, headers);
  return new Response(refusal.body, refusal);
}
