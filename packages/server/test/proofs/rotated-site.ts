/**
 * Several servers that share one config and one key file, while our own commands rotate the key, and while
 * clients call all the time.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createSealer, generateMasterKey, parseKeyText } from "@proxmox-mcp/crypto";
import { expect } from "vitest";
import { type SpawnedServer, spawnHttp } from "../http/http-session.ts";
import { scratch } from "../scratch.ts";
import { UNLIMITED } from "./abused-server.ts";
import { inForceAt } from "./in-force.ts";
import { encryptedConfig, startCluster } from "./stdio-client.ts";
import { type SteadyLoad, startLoad } from "./steady-load.ts";

const CLI = fileURLToPath(new URL("../../../cli/bin/proxmox-mcp-encrypt.cjs", import.meta.url));
const CLIENT_KEY = "example-api-key-of-the-load";
const CLIENTS = 2;
const STEPS = [
  ["prepare-key"],
  ["rotate-key-all", "configs", "--yes"],
  ["retire-key", "configs", "--delete-backups", "--yes"],
] as const;

interface Site {
  readonly servers: readonly (SpawnedServer & { readonly load: SteadyLoad })[];
  readonly keyFile: string;
  /** Runs a command to its end, which must be a good one. */
  run(command: readonly string[]): Promise<void>;
  /** Settles once every server is on the key that is active, and none other is in use. */
  isSettled(): Promise<void>;
}

async function startSite(count: number): Promise<Site> {
  const cluster = await startCluster({ requestsPerConnection: 1000 });
  const cwd = scratch();
  const keyFile = join(cwd, "key");
  const key = generateMasterKey(randomBytes);
  const seal = createSealer({ key, random: randomBytes, now: () => new Date() });
  const api_keys = { load: await seal.seal(CLIENT_KEY, "/http/api_keys/load") };
  const sections = {
    http: { enabled: true, port: 0, api_keys, ...UNLIMITED },
    audit: { file: join(cwd, "audit.jsonl") },
  };
  mkdirSync(join(cwd, "configs"));
  writeFileSync(join(cwd, "configs/config.json"), await encryptedConfig(cluster, sections, seal), {
    mode: 0o600,
  });
  writeFileSync(keyFile, `${key.reveal()}\n`, { mode: 0o600 });
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: cwd,
    PROXMOX_MCP_MASTER_KEY_FILE: keyFile,
  };
  const start = async () => {
    const server = await spawnHttp(["configs/config.json"], { cwd, env });
    const load = startLoad(Number(new URL(server.url).port), CLIENT_KEY, CLIENTS);
    await load.goesOn();
    return { ...server, load };
  };
  const servers = await Promise.all(Array.from({ length: count }, start));
  return {
    servers,
    keyFile,
    async run(command) {
      await promisify(execFile)(process.execPath, [CLI, ...command], { cwd, env });
    },
    async isSettled() {
      const active = parseKeyText(readFileSync(keyFile, "utf8")).active.id;
      for (const server of servers) {
        await expect
          .poll(() => inForceAt(server), { timeout: 60_000 })
          .toMatchObject({ failures: 0, activeKey: active, openedWith: [active] });
      }
    },
  };
}

/** Settles once every server has taken what the key file holds. */
async function haveTaken({ servers, keyFile }: Site): Promise<void> {
  const changedAt = Math.floor(statSync(keyFile).ctimeMs);
  for (const server of servers) {
    await expect
      .poll(async () => (await inForceAt(server)).loadedAt, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(changedAt);
    await server.load.goesOn();
  }
}

/** What is done between one command and the next. */
export type Pace = "each step is taken before the next" | "nobody waits";

/** Rotates so many times. Asserts that no call failed, and that every server is on the last key in the end. */
export async function rotateUnderLoad(
  count: number,
  { rotations, pace }: { readonly rotations: number; readonly pace: Pace },
): Promise<void> {
  const site = await startSite(count);
  const pids = site.servers.map(({ serving }) => serving.process.pid);
  for (let rotation = 0; rotation < rotations; rotation += 1) {
    for (const command of STEPS) {
      await site.run(command);
      if (pace !== "nobody waits") await haveTaken(site);
    }
  }
  await site.isSettled();
  let calls = 0;
  let refused = 0;
  for (const [index, { load, serving }] of site.servers.entries()) {
    await load.goesOn();
    calls += await load.stop();
    expect(serving.process).toMatchObject({ pid: pids[index], exitCode: null, signalCode: null });
    expect(serving.log().filter(({ level }) => level === "fatal")).toEqual([]);
    refused += serving.log().filter(({ msg }) => msg.includes("not taken")).length;
  }
  process.stdout.write(
    `${count} servers, ${rotations} rotations, ${calls} calls and none failed; ` +
      `${refused} reloads refused in between\n`,
  );
}
