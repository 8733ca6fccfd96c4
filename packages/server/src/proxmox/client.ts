/** The client of one Proxmox host: calls endpoints over HTTPS, as one user. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { Pool } from "undici";
import { readAnswer } from "./answer.ts";
import type { Api } from "./api.ts";
import { authenticate, type Proof } from "./authentication.ts";
import { connectionFailure, timedOut } from "./connection-failure.ts";
import { type Credentials, hideSecrets, identityOf } from "./credentials.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import type { Endpoint, ParameterValue } from "./endpoint.ts";
import { TICKET } from "./endpoints.ts";
import { encodeParameters } from "./parameters.ts";
import { fillPath } from "./path.ts";
import { perhapsDone } from "./perhaps-done.ts";
import { type RetryOptions, withRetries } from "./retry.ts";
import { authority, originOf, type Target } from "./target.ts";
import { secureConnector, type TlsMode, type TlsOptions, tlsMode } from "./tls.ts";

export interface ClientOptions {
  readonly target: Target;
  readonly credentials: Credentials;
  readonly tls?: TlsOptions;
  /** Milliseconds for a whole call. Default: 30 000. Proxmox refuses after three seconds. */
  readonly timeout?: number;
  /** Default: three times, after half a second and then twice as long. */
  readonly retry?: RetryOptions;
  /** Milliseconds of a clock that never goes back, for the age of a ticket. */
  readonly now?: () => number;
}

/** An API with connections of its own. */
export interface Client extends Api {
  /** `host:port`. */
  readonly asked: string;
  /** `user@realm` or `user@realm!token`. */
  readonly identity: string;
  readonly tlsMode: TlsMode;
  /** Takes no more calls, and waits for those that run. */
  close(): Promise<void>;
  /** Ends the calls that run, as CANCELLED. */
  destroy(): Promise<void>;
}

const BASE = "/api2/json";
// Ten thousand guests are five of them.
const MAX_BYTES = 16 * 1024 * 1024;
// More than a few analyses keep busy, so that a node that hangs holds up nobody else.
const CONNECTIONS = 16;

interface Request {
  readonly endpoint: Endpoint;
  readonly values: Readonly<Record<string, string | number>>;
  readonly parameters: Readonly<Record<string, ParameterValue | undefined>>;
}

/** @throws ProxmoxMcpError SCHEMA for a host or a fingerprint that is none. */
export function openClient(options: ClientOptions): Client {
  const {
    target,
    credentials,
    tls = {},
    timeout = 30_000,
    now = () => performance.now(),
  } = options;
  const { retry = { attempts: 3, delay: 500 } } = options;
  const asked = authority(target);
  const identity = identityOf(credentials);
  const pool = new Pool(originOf(target), {
    connect: secureConnector(tls, timeout),
    connections: CONNECTIONS,
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxResponseSize: MAX_BYTES,
  });

  /** One exchange. What comes back is the answer's data, or an error of ours. */
  const exchange = async (
    request: Request,
    { headers, hide }: Proof,
    deadline: Deadline,
  ): Promise<unknown> => {
    const { endpoint, values, parameters } = request;
    const encoded = encodeParameters(parameters);
    const isForm = endpoint.method === "POST" || endpoint.method === "PUT";
    const query = isForm || encoded === "" ? "" : `?${encoded}`;
    const begun = !(deadline.signal.aborted || pool.closed || pool.destroyed);
    let status: number | undefined;
    try {
      const response = await pool.request({
        method: endpoint.method,
        path: `${BASE}${fillPath(endpoint.path, values)}${query}`,
        headers: {
          accept: "application/json",
          ...(isForm ? { "content-type": "application/x-www-form-urlencoded" } : {}),
          ...headers,
        },
        body: isForm ? encoded : null,
        signal: deadline.signal,
      });
      const { statusCode, statusText: reason } = response;
      const body = await response.body.text();
      status = statusCode;
      const question = { asked, endpoint, values, parameters, identity, hide };
      return readAnswer({ status, reason, body }, question);
    } catch (error) {
      throw perhapsDone(endpoint, failureOf(error, deadline), { begun, status });
    }
  };

  const failureOf = (error: unknown, deadline: Deadline): unknown => {
    if (error instanceof ProxmoxMcpError || error instanceof TypeError) return error;
    if (deadline.isOver()) return timedOut(asked, timeout, error);
    if (deadline.signal.aborted) {
      return new ProxmoxMcpError("CANCELLED", "the call was cancelled", { cause: error });
    }
    return connectionFailure(error, asked, timeout);
  };

  const within = async <Result>(
    signal: AbortSignal | undefined,
    act: (deadline: Deadline) => Promise<Result>,
  ): Promise<Result> => {
    const deadline = startDeadline(timeout, signal);
    try {
      return await act(deadline);
    } catch (error) {
      throw failureOf(error, deadline);
    } finally {
      deadline.clear();
    }
  };

  const authentication = authenticate(credentials, {
    now,
    login: (form) => {
      const proof = { headers: {}, hide: (text: string) => hideSecrets(text, [form.password]) };
      return within(undefined, (deadline) =>
        exchange({ endpoint: TICKET, values: {}, parameters: form }, proof, deadline),
      );
    },
  });

  return {
    asked,
    identity,
    tlsMode: tlsMode(tls),
    call: (endpoint, { values, parameters = {}, signal }) =>
      within(signal, (deadline) =>
        withRetries(endpoint.method, retry, deadline, () =>
          authentication.prove(endpoint.method, deadline.signal, (proof) =>
            exchange({ endpoint, values, parameters }, proof, deadline),
          ),
        ),
      ),
    close: () => pool.close(),
    destroy: () => pool.destroy(),
  };
}
