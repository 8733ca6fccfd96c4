/** Listening: the HTTP server with its limits against slow and large clients. */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, isIPv6, type Socket } from "node:net";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { type Certificate, TLS_LIMITS } from "../config/certificate.ts";
import type { Log } from "../log/log.ts";
import { isLoopback } from "./ip-address.ts";
import { answerRaw } from "./raw-answer.ts";
import { refusalOf } from "./refusal.ts";
import type { RequestsInFlight } from "./requests-in-flight.ts";

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Without it HTTP is plain. */
  readonly certificate: Certificate | undefined;
  readonly log: Log;
}

/** A server that listens. */
export interface Listening {
  /** With scheme, host and port, without a path. */
  readonly origin: string;
  /** Settles once no connection is left, and none can come. */
  readonly closed: Promise<void>;
  /** Takes another certificate for connections from now on; nothing without TLS. */
  renew(certificate: Certificate): void;
  /** Takes no further connection, and closes those that carry no request. */
  stop(): void;
  /** Closes all connections, whatever they carry. */
  destroy(): Promise<void>;
}

const SECOND = 1000;
/** More than all that an MCP client sends; a proxy's connections are few. */
const MAX_CONNECTIONS = 2048;
const MAX_HEADERS = 100;

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  // What has none is refused like every other request that is none.
  requireHostHeader: false,
  headersTimeout: 10 * SECOND,
  requestTimeout: 30 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
  // Longer than proxies keep theirs, which would else send into a connection that is being closed.
  keepAliveTimeout: 65 * SECOND,
  keepAlive: true,
  noDelay: true,
} as const;

const TLS = { ...TLS_LIMITS, handshakeTimeout: 10 * SECOND } as const;

/**
 * Listens.
 *
 * @throws ProxmoxMcpError LISTEN_FAILED
 */
export async function listen(
  options: ListenOptions,
  requests: RequestsInFlight,
  handle: RequestListener,
): Promise<Listening> {
  const { host, port, certificate, log } = options;
  const listener = requests.watch(withFewHeaders(handle));
  const server =
    certificate === undefined
      ? createServer(LIMITS, listener)
      : createTlsServer({ ...LIMITS, ...certificate, ...TLS }, listener);
  server.maxHeadersCount = MAX_HEADERS;
  server.maxRequestsPerSocket = 1000;
  server.maxConnections = MAX_CONNECTIONS;
  // Who is turned away finds a place at the next try: nobody keeps them all by keeping them open.
  server.on("drop", () => server.closeIdleConnections());
  server.on("clientError", (error, socket) =>
    answerRaw(error, socket, requests.isAnswering(socket)),
  );
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, options)));
    server.listen({ host, port }, resolve);
  });
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  server.on("error", ({ name }) => log("warn", "a connection was not accepted", { name }));
  const { address, port: taken } = server.address() as AddressInfo;
  if (isLoopback(host) && !isLoopback(address)) {
    server.close();
    await closed;
    throw notLoopback(host, address);
  }
  const scheme = certificate === undefined ? "http" : "https";
  return {
    closed,
    origin: `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${taken}`,
    renew(next) {
      if ("setSecureContext" in server) server.setSecureContext({ ...next, ...TLS });
    },
    stop: () => server.close(),
    async destroy() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Node leaves what is beyond `maxHeadersCount` out without a word, and a proxy's may be among it. */
function withFewHeaders(handle: RequestListener): RequestListener {
  return (request, response) => {
    if (!hasTooManyHeaders(request)) return handle(request, response);
    const { status, headers, body } = refusalOf("HEADERS_TOO_LARGE", "json");
    response.writeHead(status, { ...headers, Connection: "close" }).end(body);
  };
}

function hasTooManyHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length > 2 * MAX_HEADERS;
}

/** What a name stands for is up to the machine, and all that protects a server on loopback is that it is. */
function notLoopback(host: string, address: string): ProxmoxMcpError {
  const message = `${host} is ${address} on this machine, which is not loopback`;
  return new ProxmoxMcpError("LISTEN_FAILED", message, {
    where: { location: "/http/host" },
    hint: "set http.host to 127.0.0.1, or mend the hosts file",
  });
}

const REASONS: Readonly<
  Record<string, { readonly location: string; readonly text: string; readonly hint: string }>
> = {
  EADDRINUSE: {
    location: "/http/port",
    text: "the port is in use",
    hint: "end the program that listens there, or set http.port to a free one; 0 takes any",
  },
  EACCES: {
    location: "/http/port",
    text: "this user may not listen on the port",
    hint: "set http.port to 1024 or above, and let a reverse proxy listen below",
  },
  EADDRNOTAVAIL: {
    location: "/http/host",
    text: "no interface of this machine has the address",
    hint: "set http.host to an address of this machine; 127.0.0.1 is for this machine alone",
  },
  ENOTFOUND: {
    location: "/http/host",
    text: "the name has no address",
    hint: "set http.host to an IP address of this machine",
  },
};

function listenError(
  error: NodeJS.ErrnoException,
  { host, port }: Pick<ListenOptions, "host" | "port">,
): ProxmoxMcpError {
  const { location, text, hint } = REASONS[error.code ?? ""] ?? {
    location: "/http/host",
    text: error.code ?? error.name,
    hint: "check http.host and http.port",
  };
  return new ProxmoxMcpError("LISTEN_FAILED", `cannot listen on ${host} port ${port}: ${text}`, {
    where: { location },
    hint,
    cause: error,
  });
}
