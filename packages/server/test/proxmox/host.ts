/** A server on loopback that answers as a test says, and a client that asks it. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { SecretText } from "@proxmox-mcp/crypto/config";
import { onTestFinished } from "vitest";
import { type Client, type ClientOptions, openClient } from "../../src/proxmox/client.ts";
import type { TokenCredentials } from "../../src/proxmox/credentials.ts";
import { type Identity, selfSigned } from "./certificates.ts";

/** An example, made for these tests. */
export const SECRET = "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee";

export const TOKEN: TokenCredentials = {
  user: "mcp@pve",
  tokenName: "server",
  tokenValue: new SecretText(SECRET),
};

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Host {
  readonly port: number;
  readonly identity: Identity;
  readonly server: Server;
  /** Every request whose headers and body arrived. */
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
}

export type Handler = (request: Seen, response: ServerResponse, socket: TLSSocket) => unknown;

let shared: Promise<Identity> | undefined;

/** Starts a host that ends with the test. */
export async function startHost(handler: Handler, given?: Identity, port = 0): Promise<Host> {
  shared ??= selfSigned();
  const identity = given ?? (await shared);
  const seen: Seen[] = [];
  const server = createServer({ cert: identity.cert, key: identity.key }, (request, response) => {
    void answer(request, response, handler, seen);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  onTestFinished(stop);
  return { port: (server.address() as AddressInfo).port, identity, server, seen, stop };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handler: Handler,
  seen: Seen[],
): Promise<void> {
  let body = "";
  try {
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
  } catch {
    return;
  }
  const { method = "", url = "", headers } = request;
  const complete = { method, url, headers, body };
  seen.push(complete);
  await handler(complete, response, request.socket as TLSSocket);
}

/** Answers every request with these parts. */
export function answering(status: number, reason: string, body: string): Handler {
  return (_, response) => response.writeHead(status, reason).end(body);
}

/** Answers with data in Proxmox's envelope. */
export function data(value: unknown): Handler {
  return answering(200, "OK", JSON.stringify({ data: value }));
}

/** A client of that host that pins its certificate, and is closed with the test. */
export function clientOf(
  host: { readonly port: number; readonly identity: { readonly fingerprint: string } },
  options: Partial<ClientOptions> = {},
): Client {
  const client = openClient({
    target: { host: "127.0.0.1", port: host.port },
    credentials: TOKEN,
    tls: { fingerprint: host.identity.fingerprint },
    retry: { attempts: 0, delay: 1 },
    ...options,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** What a call fails with, which must be one of our errors. */
export async function failureOf(call: Promise<unknown>): Promise<ProxmoxMcpError> {
  const outcome: unknown = await call.then(
    (value) => new Error(`no failure but ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (outcome instanceof ProxmoxMcpError) return outcome;
  throw outcome;
}

/** A promise that a test keeps when it wants to. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
