/** The requests that reach the HTTPS servers of this process, as docs/api-calls.md names them. */
import { type ChannelListener, subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";
import type { Endpoint } from "../../src/proxmox/endpoint.ts";

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Below `/api2/json`. */
  readonly path: string;
  /** Of the query and of the form in the body. */
  readonly parameters: readonly string[];
  /** The same with what they were. */
  readonly given: Readonly<Record<string, string>>;
}

const BASE = "/api2/json";

/** Listens until the test ends. @returns what arrived up to the moment of asking. */
export function watchRequests(): () => readonly SeenRequest[] {
  const seen: { readonly request: IncomingMessage; readonly chunks: Buffer[] }[] = [];
  const listener: ChannelListener = (message) => {
    const { request } = message as { readonly request: IncomingMessage };
    const chunks: Buffer[] = [];
    const read = request.read.bind(request);
    request.read = (size?: number) => {
      const chunk: unknown = read(size);
      if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      return chunk;
    };
    seen.push({ request, chunks });
  };
  const channel = "http.server.request.start";
  subscribe(channel, listener);
  onTestFinished(() => {
    unsubscribe(channel, listener);
  });
  return () => seen.map(({ request, chunks }) => described(request, Buffer.concat(chunks)));
}

function described({ method = "", url = "" }: IncomingMessage, body: Buffer): SeenRequest {
  const [path = "", query = ""] = url.split("?");
  if (!path.startsWith(BASE)) throw new Error(`${method} ${path} is not below ${BASE}`);
  const entries = [query, body.toString()].flatMap((text) => [...new URLSearchParams(text)]);
  const given = Object.fromEntries(entries);
  return { method, path: path.slice(BASE.length), parameters: Object.keys(given), given };
}

/**
 * The path of the endpoint that a request goes to, fixed words before placeholders; `undefined` where
 * there is none.
 */
export function templateOf(
  endpoints: readonly Endpoint[],
  method: string,
  path: string,
): string | undefined {
  return endpoints.find(
    (endpoint) =>
      endpoint.method === method &&
      new RegExp(`^${endpoint.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
  )?.path;
}
