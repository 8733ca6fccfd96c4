/** Reading a message before it is served. */
import { isJsonContentType } from "@modelcontextprotocol/server";
import type { Handler } from "./environment.ts";
import { refuse } from "./refusal.ts";

/** A request whose body has arrived. */
export interface ReadRequest {
  readonly request: Request;
  /** What its JSON says; absent where it is none. */
  readonly parsedBody?: unknown;
}

/**
 * Sets `read` to the request with its body. Left to itself the SDK would make two streams of it, and
 * read one of them. Refuses batches: MCP has none since 2025-06-18, and each would be a hundred calls at
 * the price of one.
 */
export function readBody(): Handler {
  return async (context, next) => {
    const read = await withBody(context.req.raw);
    if (Array.isArray(read.parsedBody)) return refuse(context, "BATCH_REFUSED");
    context.set("read", read);
    return await next();
  };
}

async function withBody(request: Request): Promise<ReadRequest> {
  if (request.method !== "POST" || !isJsonContentType(request.headers.get("content-type"))) {
    return { request };
  }
  const text = await request.text();
  try {
    return { request, parsedBody: JSON.parse(text) };
  } catch {
    // The SDK has its words for this.
    return { request: new Request(request, { body: text }) };
  }
}
