/** While calls run without a pause, everything that the server stands on is taken away and put back. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { KEY } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { startNodesHost } from "../serve/nodes-host.ts";
import { configFor, type Serving, startServing } from "../serve/serving.ts";
import { readAnswers } from "./answers.ts";
import { encryptedConfig, startCluster } from "./stdio-client.ts";

const IN_FORCE = "the new config is in force";
const NOT_TAKEN = "the new config is not taken, the old one stays in force";
const AT_ONCE = 4;
/** How many calls are looked at after each disturbance. */
const ENOUGH = 12;

interface Loop {
  /** Waits for calls that begin from now on, and asserts how each of them ends. */
  all(outcome: string): Promise<void>;
  /** @returns how many calls there were. */
  stop(): Promise<number>;
}

/** Calls a tool again and again, several calls at once. */
function callInALoop(server: Serving): Loop {
  let phase = 0;
  let calls = 0;
  let isStopped = false;
  let outcomes: string[] = [];
  let enough = (): void => {};
  const work = async (): Promise<void> => {
    while (!isStopped) {
      const began = phase;
      calls += 1;
      const text = await server.call("get_nodes");
      if (began !== phase) continue;
      outcomes.push(/^error\[(\w+)\]/.exec(text)?.[1] ?? (text.includes("pve1") ? "ok" : text));
      if (outcomes.length >= ENOUGH) enough();
    }
  };
  const workers = Array.from({ length: AT_ONCE }, work);
  return {
    async all(outcome) {
      phase += 1;
      outcomes = [];
      await new Promise<void>((resolve) => {
        enough = resolve;
      });
      expect(new Set(outcomes)).toEqual(new Set([outcome]));
    },
    async stop() {
      isStopped = true;
      await Promise.all(workers);
      return calls;
    },
  };
}

describe("calls that run meanwhile", () => {
  interface Scene {
    readonly server: Serving;
    readonly loop: Loop;
    readonly cluster: Simulator;
    /** Replaces a file as editors do. */
    replace(name: "config.json" | "key", text: string): void;
    readonly cwd: string;
  }

  async function scene(act: (scene: Scene) => Promise<void>): Promise<void> {
    const cluster = await startCluster({ requestsPerConnection: 100 });
    const cwd = scratch();
    const replace: Scene["replace"] = (name, text) => {
      writeFileSync(join(cwd, "next"), text, { mode: 0o600 });
      renameSync(join(cwd, "next"), join(cwd, name));
    };
    replace("config.json", await encryptedConfig(cluster));
    replace("key", KEY);
    const server = await startServing(["--key-file", "key", "config.json"], { cwd, env: {} });
    const answers = readAnswers(server);
    const loop = callInALoop(server);
    await loop.all("ok");
    await act({ server, loop, cluster, replace, cwd });
    const calls = await loop.stop();
    // The first request was the greeting.
    const counts = Array.from({ length: calls }, (_, index) => answers.countOf(index + 2));
    expect(new Set(counts)).toEqual(new Set([1]));
    answers.expectProtocol();
    server.process.stdin.end();
    expect(await server.ended).toBe(0);
    expect(server.log().filter(({ level }) => level === "fatal")).toEqual([]);
    expect(server.stderr()).not.toContain("UNEXPECTED");
  }

  test("garbage in the place of the config", () =>
    scene(async ({ server, loop, cluster, replace }) => {
      const config = await encryptedConfig(cluster);
      for (const garbage of ["", "\0\0\0", "{", "[]", config.slice(0, -20), "- a: : b"]) {
        replace("config.json", garbage);
        expect(await server.logged(NOT_TAKEN)).toMatchObject({ level: "error" });
        await loop.all("ok");
      }
      replace("config.json", config);
      await server.logged(IN_FORCE);
      await loop.all("ok");
    }));

  test("a config that is gone for a while", () =>
    scene(async ({ server, loop, cluster, replace, cwd }) => {
      rmSync(join(cwd, "config.json"));
      expect(await server.logged(NOT_TAKEN)).toMatchObject({ error: { code: "FILE_NOT_FOUND" } });
      await loop.all("ok");
      replace("config.json", await encryptedConfig(cluster));
      await server.logged(IN_FORCE);
      await loop.all("ok");
    }));

  test("a key file that is gone for a while, and one that holds another text", () =>
    scene(async ({ server, loop, replace, cwd }) => {
      rmSync(join(cwd, "key"));
      expect(await server.logged(NOT_TAKEN)).toMatchObject({ error: { code: "KEY_UNREADABLE" } });
      await loop.all("ok");
      replace("key", "no key");
      expect(await server.logged(NOT_TAKEN)).toMatchObject({ error: { code: "KEY_INVALID" } });
      await loop.all("ok");
      replace("key", KEY);
      await server.logged(IN_FORCE);
      await loop.all("ok");
    }));

  test("a Proxmox host that stops, and starts again", () =>
    scene(async ({ loop, cluster }) => {
      const { port, identity } = cluster;
      await cluster.stop();
      await loop.all("PROXMOX_UNREACHABLE");
      await startCluster({ port, identity, requestsPerConnection: 100 });
      await loop.all("ok");
    }));

  test("another certificate, until the config pins it", () =>
    scene(async ({ server, loop, cluster, replace }) => {
      const { port } = cluster;
      await cluster.stop();
      await loop.all("PROXMOX_UNREACHABLE");
      const other = await startCluster({ port, requestsPerConnection: 100 });
      expect(other.fingerprint).not.toBe(cluster.fingerprint);
      await loop.all("PROXMOX_TLS");
      replace("config.json", await encryptedConfig(other));
      await server.logged(IN_FORCE);
      await loop.all("ok");
    }));
});

describe("calls in flight", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "that were taken before %s are all answered, each once",
    async (signal) => {
      const host = await startNodesHost("first");
      const cwd = scratch();
      writeFileSync(join(cwd, "config.json"), await configFor(host));
      const server = await startServing(["--debug", "config.json"], { cwd });
      const answers = readAnswers(server);
      const release = host.hold();
      const asked = host.asked();
      const calls = Array.from({ length: 60 }, (_, index) =>
        // Some end without the host, and some never reach it.
        index % 5 === 0
          ? server.request("tools/call", { name: "get_vm_status", arguments: { vmid: index } })
          : server.request("tools/call", { name: "get_nodes", arguments: {} }),
      );
      // Messages are taken in their order: with this answer all before it were.
      await server.request("ping");
      await asked;
      server.process.kill(signal);
      await server.logged("waits for calls");
      release();
      const texts = (await Promise.all(calls)).map(({ result }) => result?.content?.[0]?.text);
      expect(texts.filter((text) => text?.includes("first"))).toHaveLength(48);
      expect(texts.filter((text) => text?.includes("error[USAGE]"))).toHaveLength(12);
      expect(await server.ended).toBe(0);
      expect(await server.logged("the server ends")).not.toHaveProperty("given_up");
      // The first one was the greeting, and the last one the ping.
      for (let id = 2; id <= 62; id += 1) expect(answers.countOf(id), String(id)).toBe(1);
      expect(answers.lines).toHaveLength(61);
    },
  );
});
