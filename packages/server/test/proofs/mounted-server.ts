/**
 * The built server over HTTP before a simulated cluster, with its config and its key text in two mounted
 * volumes, under load.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createSealer, generateMasterKey } from "@proxmox-mcp/crypto";
import { expect } from "vitest";
import { type SpawnedServer, spawnHttp } from "../http/http-session.ts";
import { scratch } from "../scratch.ts";
import { mountVolume, type Volume } from "../serve/volume.ts";
import { UNLIMITED } from "./abused-server.ts";
import { type Held, heldBy, PROBED } from "./held.ts";
import { type InForce, inForceAt } from "./in-force.ts";
import { createSource, type Source } from "./source.ts";
import { encryptedConfig, startCluster } from "./stdio-client.ts";
import { type SteadyLoad, startLoad } from "./steady-load.ts";

const CLIENT_KEY = "example-api-key-of-the-load";
/** Clients that call all the time. */
export const CLIENTS = 4;

export interface MountedServer extends SpawnedServer {
  readonly source: Source;
  readonly configs: Volume;
  readonly keys: Volume;
  readonly load: SteadyLoad;
  /** Asserts that it is ready. */
  inForce(): Promise<InForce>;
  /** The status of a request that shows the API key of this generation. */
  statusOf(generation: number): Promise<number>;
  /** How many reloads took a config, and how many did not. */
  reloads(): Promise<{ readonly taken: number; readonly refused: number }>;
  held(): Promise<Held>;
  /** Stops the load, and asserts that all is well. @returns how many calls there were. */
  end(): Promise<number>;
}

/** The secret in `/http/api_keys/generation`, another one in each config. */
export function generationKey(generation: number): string {
  return `example-api-key-of-generation-${generation}`;
}

/** Starts it on generation 0, and the load; both end with the test. */
export async function startMounted(): Promise<MountedServer> {
  const cluster = await startCluster({ requestsPerConnection: 1000 });
  const key = generateMasterKey(randomBytes);
  const sealer = createSealer({ key, random: randomBytes, now: () => new Date() });
  const cwd = scratch();
  const api_keys = {
    load: await sealer.seal(CLIENT_KEY, "/http/api_keys/load"),
    generation: await sealer.seal(generationKey(0), "/http/api_keys/generation"),
  };
  const sections = {
    http: { enabled: true, port: 0, api_keys, ...UNLIMITED },
    audit: { file: join(cwd, "audit.jsonl") },
  };
  const source = createSource(await encryptedConfig(cluster, sections, sealer), key);
  const configs = mountVolume(join(cwd, "config"), "config.json", source.config);
  const keys = mountVolume(join(cwd, "key"), "key", source.keyText);
  const server = await spawnHttp(["config/config.json"], {
    cwd,
    env: { PROXMOX_MCP_MASTER_KEY_FILE: join(cwd, "key/key"), ...PROBED },
  });
  const { serving } = server;
  const { pid } = serving.process;
  const load = startLoad(Number(new URL(server.url).port), CLIENT_KEY, CLIENTS);
  await load.goesOn();

  return {
    ...server,
    source,
    configs,
    keys,
    load,
    inForce: () => inForceAt(server),
    async statusOf(generation) {
      const answer = await server.rpc("tools/list", {}, { key: generationKey(generation) });
      await answer.arrayBuffer();
      return answer.status;
    },
    async reloads() {
      const answer = await server.fetch("/metrics", { key: CLIENT_KEY });
      const text = await answer.text();
      const count = (outcome: string) =>
        Number(
          text.match(
            new RegExp(`^proxmox_mcp_config_reloads_total\\{outcome="${outcome}"\\} (\\d+)$`, "m"),
          )?.[1],
        );
      return { taken: count("taken"), refused: count("refused") };
    },
    held: () => heldBy(serving),
    async end() {
      await load.goesOn();
      const calls = await load.stop();
      expect(serving.process).toMatchObject({ pid, exitCode: null, signalCode: null });
      expect(serving.log().filter(({ msg }) => msg.startsWith("serving over http"))).toHaveLength(
        1,
      );
      return calls;
    },
  };
}
