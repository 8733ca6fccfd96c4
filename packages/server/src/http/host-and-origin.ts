/**
 * Which names the server answers to, and which web pages may ask it.
 *
 * A page of another site can have its own name resolve to this server, and a browser then takes both
 * for one site; the Host header tells. Where it does not do so, the browser says whose page asks.
 */
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { cors } from "hono/cors";
import type { Access } from "./access.ts";
import type { Handler } from "./environment.ts";
import { headerValues } from "./header-values.ts";
import { refuse } from "./refusal.ts";

/** Which requests may come by any name. */
export interface HostOptions {
  /** Paths of probes, which are sent to addresses. */
  readonly anyHost: readonly string[];
}

// What clients of both eras send, and what they read of an answer.
const SENT = [
  "Accept",
  "Authorization",
  "Content-Type",
  "Last-Event-ID",
  "Mcp-Method",
  "Mcp-Name",
  "Mcp-Protocol-Version",
  "Mcp-Session-Id",
  "X-Request-Id",
  "traceparent",
  "tracestate",
];
const READ = ["Mcp-Session-Id", "Retry-After", "WWW-Authenticate", "X-Request-Id"];
const PREFLIGHT_SECONDS = 600;

/**
 * Refuses requests to other hosts, and those from web pages of other origins. Answers preflights of
 * the origins that are allowed. A request without an Origin is from no web page; one with our own
 * origin is from none either, since we serve none, and some clients write that.
 */
export function hostAndOrigin({ anyHost }: HostOptions): Handler {
  const share = cors({
    // Any other origin was refused before.
    origin: (origin) => origin,
    allowMethods: ["GET", "POST", "DELETE"],
    allowHeaders: SENT,
    exposeHeaders: READ,
    maxAge: PREFLIGHT_SECONDS,
  });
  return async (context, next) => {
    const { access } = context.var;
    const { incoming } = context.env;
    const isOurs = isForUs(incoming, access);
    if (!isOurs && !anyHost.includes(context.req.path)) {
      return refuse(context, "HOST_REFUSED");
    }
    const [origin, ...others] = headerValues(incoming, "origin");
    if (origin === undefined) {
      await next();
      return;
    }
    const isAllowed = access.isAllowedOrigin(origin) || (isOurs && isOwn(origin, incoming));
    if (others.length > 0 || !isAllowed) {
      return refuse(context, "ORIGIN_REFUSED", { Vary: "Origin" });
    }
    return await share(context, next);
  };
}

/** Whether an origin is that of the connection itself: scheme, name and port as they were asked for. */
function isOwn(origin: string, { headers, socket }: IncomingMessage): boolean {
  const scheme = socket instanceof TLSSocket ? "https" : "http";
  return origin === `${scheme}://${headers.host}`;
}

/** A target that is a whole URL names a host too, and whoever forwarded the request may go by it. */
function isForUs(incoming: IncomingMessage, access: Access): boolean {
  const [host, ...others] = headerValues(incoming, "host");
  if (host === undefined || others.length > 0 || !access.isOurHost(host)) return false;
  const { url = "" } = incoming;
  return url.startsWith("/") || access.isOurHost(authorityOf(url));
}

/** User and host of an absolute URL, as they are written. */
function authorityOf(url: string): string {
  const [, authority = ""] = /^https?:\/\/([^/?#]*)/i.exec(url) ?? [];
  return authority;
}
