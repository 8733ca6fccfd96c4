/**
 * A simulated Proxmox VE cluster: an HTTPS server on loopback that answers as Proxmox 9.2 does, for
 * tests, for the tour and for `--test-mode`. It touches nothing outside of this process.
 */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createIdentity, type ServerIdentity } from "./certificate.ts";
import { EXAMPLE_TOKEN } from "./example-access.ts";
import { exampleCluster } from "./example-cluster.ts";
import { requestHandler } from "./server.ts";
import type { Delays, State } from "./state.ts";

export interface SimulatorOptions {
  /** Default: any free one. */
  readonly port?: number;
  readonly now?: () => Date;
  /** Default: that of node:crypto. */
  readonly random?: (size: number) => Uint8Array;
  readonly delays?: Partial<Delays>;
  /** How many guests there are. Default: those of the example. */
  readonly guests?: number;
  /** How many requests a connection may carry, as 100 of a real node. Default: one. */
  readonly requestsPerConnection?: number;
  /** That of an earlier simulator, which clients then take this one for. Default: a new one. */
  readonly identity?: ServerIdentity;
}

/** A running simulated cluster. */
export interface Simulator {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly identity: ServerIdentity;
  /** PEM, for a `ca_file`. */
  readonly certificate: string;
  /** SHA-256 of the certificate, as in `AB:CD:…`. */
  readonly fingerprint: string;
  /** An example user with a token that may do what the tools do. The secret is no secret. */
  readonly user: string;
  readonly tokenName: string;
  readonly tokenValue: string;
  /** The cluster, which tests may change. */
  readonly state: State;
  /** Ends all connections, requests under way with them. */
  stop(): Promise<void>;
}

/** What a cluster does where nobody says otherwise, in milliseconds. */
const DELAYS: Delays = { unauthorized: 3000, task: 4000, agent: 4000 };

/** Starts a simulated cluster. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, now = () => new Date(), random = randomBytes, guests } = options;
  const { requestsPerConnection = 1, identity = createIdentity({ now, random }) } = options;
  const state = exampleCluster({
    now,
    random,
    guests,
    delays: { ...DELAYS, ...options.delays },
    // Nobody waits for it once the server is closed.
    wait: (milliseconds) => sleep(milliseconds, undefined, { ref: false }),
  });
  const { certificate, key, fingerprint } = identity;
  const server = createServer(
    { cert: certificate, key },
    requestHandler(state, requestsPerConnection),
  );
  await listen(server, port);
  return {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    identity,
    certificate,
    fingerprint,
    ...EXAMPLE_TOKEN,
    state,
    stop: () => stop(server),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
