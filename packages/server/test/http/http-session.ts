/**
 * The server over HTTP, in this process or as one of its own. Both end with the test.
 *
 *     const server = await openHttp({ http: { … }, policy: { … } });         // in this process, on real sockets
 *     const server = await spawnHttp(["config.json"], { cwd, env });          // the built binary
 *
 * Both have `url`, `origin` and
 *
 *     server.fetch("/readyz", { headers })      // a Response; `key` in the options is shown as Bearer
 *     server.rpc("tools/list", {}, { key })     // a POST of the era 2025-11-25 to the endpoint
 *     server.connect({ era, key })              // a client of the SDK, greeted
 *
 * In this process also `simulator`, `log`, `session` and `replace(sections)`, which does what a reload
 * does. A process has `serving` (test/serve/serving.ts) for its log, signals and end.
 */
import { randomBytes } from "node:crypto";
import {
  type Client,
  type ClientOptions,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { type HttpSection, SecretText } from "@proxmox-mcp/crypto/config";
import { onTestFinished } from "vitest";
import type { Certificate } from "../../src/config/certificate.ts";
import type { createMcpRoute } from "../../src/http/mcp-route.ts";
import { type HttpSession, openHttpSession } from "../../src/http/session.ts";
import type { CallRecorder } from "../../src/mcp/call-record.ts";
import { createMetrics } from "../../src/metrics/prometheus.ts";
import { createCurrent } from "../../src/runtime/current.ts";
import { openDeployment } from "../../src/runtime/open.ts";
import { createReadiness } from "../../src/runtime/readiness.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { TOOLS } from "../../src/tools/index.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { clusterConfig, type GivenPolicy } from "../config.ts";
import { clientOf } from "../mcp/client.ts";
import type { Era } from "../mcp/session.ts";
import { type Serving, type ServingOptions, spawnServing } from "../serve/serving.ts";

/** The API key of the client `example` in every config that names none. */
export const API_KEY = "example-api-key-00000000-aaaa-bbbb-cccc-eeeeeeeeeeee";

/** What a request of a test has. */
export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Shown as Bearer. */
  readonly key?: string | undefined;
  readonly signal?: AbortSignal;
}

export interface Connecting {
  readonly era?: Era;
  /** Default: API_KEY. */
  readonly key?: string;
  readonly options?: ClientOptions;
}

export interface HttpServer {
  /** Of the MCP endpoint. */
  readonly url: string;
  readonly origin: string;
  fetch(path: string, asking?: Asking): Promise<Response>;
  /** Without a key it shows API_KEY; `null` shows none. */
  rpc(
    method: string,
    params?: object,
    asking?: Omit<Asking, "key"> & { readonly key?: string | null },
  ): Promise<Response>;
  connect(connecting?: Connecting): Promise<Client>;
}

/** Sections of a config; what is left out of them is as in a config without it. */
export interface Sections {
  /** API keys are plain texts here. */
  readonly http?: Partial<Omit<HttpSection, "api_keys">> & {
    readonly api_keys?: Readonly<Record<string, string>>;
  };
  readonly policy?: GivenPolicy;
  /** In the place of those of http.tls. */
  readonly certificate?: Certificate;
}

export interface OpenOptions extends Sections {
  readonly insecureNoAuth?: boolean;
  readonly simulator?: Simulator;
  /** Default: those of the server. */
  readonly tools?: readonly Tool[];
  /** Default: the MCP endpoint of the server. */
  readonly createRoute?: typeof createMcpRoute;
  readonly recorders?: readonly CallRecorder[];
  /** The clock of limits, in milliseconds. Default: a real one. */
  readonly monotonic?: () => number;
}

export interface OpenServer extends HttpServer {
  readonly simulator: Simulator;
  readonly session: HttpSession;
  readonly log: readonly (readonly [level: string, message: string, fields: unknown])[];
  /** Puts another config in force, as a reload does. */
  replace(sections: Sections): void;
  /** Ends the calls in flight. */
  giveUp(): void;
}

/** Serves in this process, on a free port. Without api_keys there is one, `example`: API_KEY. */
export async function openHttp(options: OpenOptions = {}): Promise<OpenServer> {
  const simulator = options.simulator ?? (await startSimulator());
  const log: [string, string, unknown][] = [];
  const tell = (level: string, message: string, fields?: unknown): void => {
    log.push([level, message, fields]);
  };
  const open = ({ http, policy = {}, certificate }: Sections) => {
    const config = clusterConfig(simulator, { http: httpSection(http), policy });
    return openDeployment(config, undefined, certificate);
  };
  const current = createCurrent(open(options), tell);
  const now = () => new Date();
  const readiness = createReadiness(undefined, now);
  const tools = options.tools ?? TOOLS;
  const metrics = createMetrics({
    state: () => readiness.state(),
    now,
    process: { version: "0.0.0", started: 0, residentMemory: () => 0 },
  });
  const calls = new AbortController();
  const parts = {
    tools,
    deployments: current,
    recorders: [...(options.recorders ?? []), metrics],
    log: tell,
    now,
    random: randomBytes,
    giveUp: calls.signal,
    insecureNoAuth: options.insecureNoAuth ?? false,
    readiness,
    metrics,
    monotonic: options.monotonic ?? (() => performance.now()),
  };
  const session = await openHttpSession(parts, options.createRoute);
  onTestFinished(async () => {
    calls.abort();
    await session.close();
    await current.close();
    if (options.simulator === undefined) await simulator.stop();
  });
  return {
    ...serverAt(session.url),
    simulator,
    session,
    log,
    replace: (sections) => current.replace(open(sections)),
    giveUp: () => calls.abort(),
  };
}

export interface SpawnedServer extends HttpServer {
  readonly serving: Serving;
}

/** Starts the built server and waits until it listens. */
export async function spawnHttp(
  args: readonly string[],
  options: ServingOptions,
): Promise<SpawnedServer> {
  const serving = spawnServing(args, options);
  const { url } = await serving.logged("serving over http");
  return { ...serverAt(String(url)), serving };
}

/** The section on a free port, with its keys as the server has them. */
function httpSection({
  api_keys = { example: API_KEY },
  ...http
}: Sections["http"] = {}): Partial<HttpSection> {
  const keys = Object.entries(api_keys).map(([name, key]) => [name, new SecretText(key)]);
  return { port: 0, ...http, api_keys: Object.fromEntries(keys) };
}

function serverAt(url: string): HttpServer {
  const { origin } = new URL(url);
  let id = 0;
  const ask: HttpServer["fetch"] = (path, { key, headers, ...asking } = {}) =>
    fetch(new URL(path, origin), {
      ...asking,
      headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
    });
  return {
    url,
    origin,
    fetch: ask,
    rpc(method, params = {}, { key = API_KEY, headers, ...asking } = {}) {
      id += 1;
      return ask(url, {
        method: "POST",
        body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
        ...asking,
        key: key ?? undefined,
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...headers,
        },
      });
    },
    async connect({ era = "2026-07-28", key = API_KEY, options } = {}) {
      const transport = new StreamableHTTPClientTransport(new URL(url), {
        requestInit: { headers: { authorization: `Bearer ${key}` } },
      });
      const client = clientOf(era, options);
      onTestFinished(() => client.close());
      await client.connect(transport);
      return client;
    },
  };
}
