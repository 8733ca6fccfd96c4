/** The wire: HTTPS requests in, Proxmox's answers out. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, bare, encode, type Format, refusal, success } from "./answer.ts";
import { authenticate } from "./authentication.ts";
import { parseForm, parseJson } from "./body.ts";
import { dispatch, isPublic } from "./dispatch.ts";
import type { Raw } from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import type { Method } from "./route.ts";
import type { State } from "./state.ts";

/** What a body may hold, in bytes. */
const BODY_LIMIT = 512 * 1024;
const BODY_TYPES = ["application/x-www-form-urlencoded", "application/json"];

/** Handles the requests of one cluster. `requests` is how many a connection may carry; 0 says one. */
export function requestHandler(
  state: State,
  requests: number,
): (request: IncomingMessage, response: ServerResponse) => void {
  const served = new WeakMap<object, number>();
  return (request, response) => {
    const count = (served.get(request.socket) ?? 0) + 1;
    served.set(request.socket, count);
    respond(state, request)
      .then(async (answer) => {
        if (answer.status === 401) await state.wait(state.delays.unauthorized);
        const asksToClose = /close/i.test(request.headers.connection ?? "");
        const keepAlive = count < requests && answer.status < 300 && !asksToClose;
        const gzip = /gzip/.test(String(request.headers["accept-encoding"] ?? ""));
        send(response, answer, encode(answer, { now: state.now(), gzip, keepAlive }));
      })
      .catch(() => response.destroy());
  };
}

function send(
  response: ServerResponse,
  { status, reason }: Answer,
  { headers, bytes }: ReturnType<typeof encode>,
): void {
  // Without a body there is no length either: the end of the connection tells.
  response.removeHeader("Transfer-Encoding");
  response.writeHead(status, reason, headers);
  response.end(bytes);
}

async function respond(state: State, request: IncomingMessage): Promise<Answer> {
  let format: Format = "json";
  try {
    const { method, path, query, format: asked } = target(request);
    const userid = isPublic(method, path) ? "" : authenticate(state, method, credentials(request));
    const body = await bodyOf(request, method);
    if (asked !== "json" && asked !== "extjs") {
      throw new Refusal(501, `no formatter for uri ${path}, ${asked}`, { bare: true });
    }
    format = asked;
    const { _dc: _, ...parameters } = { ...parseBody(request, body), ...parseForm(query) };
    return success(format, await dispatch(state, { method, path, userid, parameters }));
  } catch (error) {
    if (error instanceof Refusal) return refusal(format, error);
    return bare(500, "the simulated cluster failed");
  }
}

interface Target {
  readonly method: Method;
  readonly path: string;
  readonly query: string;
  readonly format: string;
}

function target({ method = "", url = "", headers }: IncomingMessage): Target {
  if (!isMethod(method)) throw notImplemented(`method '${method}' not available`);
  if (headers["transfer-encoding"] !== undefined) {
    throw notImplemented("chunked transfer encoding not supported");
  }
  const [encoded = "", query = ""] = url.split("?", 2);
  const path = decodePath(encoded);
  if (!path.startsWith("/api2")) throw notImplemented(`no such file '${path}'`);
  const [, format, rest = "/"] = /^\/api2\/+([a-z][a-z0-9]+)(\/.*)?$/.exec(path) ?? [];
  if (format === undefined) throw notImplemented("no such uri");
  return { method, path: rest, query, format };
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isMethod(method: string): method is Method {
  return ["GET", "POST", "PUT", "DELETE"].includes(method);
}

function credentials({ headers }: IncomingMessage) {
  const csrfToken = headers["csrfpreventiontoken"];
  return {
    authorization: headers.authorization,
    cookie: headers.cookie,
    csrfToken: typeof csrfToken === "string" ? csrfToken : undefined,
  };
}

async function bodyOf(request: IncomingMessage, method: Method): Promise<string> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (length === 0) return "";
  if (method === "GET" || method === "DELETE") {
    throw notImplemented(`Unexpected content for method '${method}'`);
  }
  if (length > BODY_LIMIT) throw notImplemented("for data too large");
  const type = request.headers["content-type"];
  if (type !== undefined && !BODY_TYPES.includes(mediaType(type))) {
    throw new Refusal(506, `upload 'Content-Type '${type}' not implemented`, { bare: true });
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function parseBody({ headers }: IncomingMessage, body: string): Record<string, Raw> {
  if (body === "") return {};
  const isJson = mediaType(headers["content-type"] ?? "") === "application/json";
  return isJson ? parseJson(body) : parseForm(body);
}

function mediaType(contentType: string): string {
  return contentType.split(/\s*[;,]/, 1)[0]?.trim() ?? "";
}

function notImplemented(message: string): Refusal {
  return new Refusal(501, message, { bare: true });
}
