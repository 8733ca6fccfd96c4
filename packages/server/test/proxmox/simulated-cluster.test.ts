import { SecretText } from "@proxmox-mcp/crypto/config";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acl, secondFactors, users } from "../../src/proxmox/access.ts";
import { agentExec, agentExecStatus, agentPing } from "../../src/proxmox/agent.ts";
import { notBackedUp } from "../../src/proxmox/backup.ts";
import { type Client, openClient } from "../../src/proxmox/client.ts";
import { clusterFirewall, clusterStatus, haStatus } from "../../src/proxmox/cluster.ts";
import { guestConfig, guestLoad, guestSnapshots, guestStatus } from "../../src/proxmox/guest.ts";
import { listNodes, nodeCertificates, nodeStatus } from "../../src/proxmox/nodes.ts";
import { permissions } from "../../src/proxmox/permissions.ts";
import { clusterResources } from "../../src/proxmox/resources.ts";
import { storageContent } from "../../src/proxmox/storage.ts";
import { listTasks, taskLog, taskStatus } from "../../src/proxmox/tasks.ts";
import { version } from "../../src/proxmox/version.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { clientOf, failureOf } from "./host.ts";

let simulator: Simulator;
let client: Client;

beforeAll(async () => {
  simulator = await startSimulator({ delays: { unauthorized: 0, task: 0, agent: 0 } });
  const { host, port, certificate, user, tokenName, tokenValue } = simulator;
  client = openClient({
    target: { host, port },
    credentials: { user, tokenName, tokenValue: new SecretText(tokenValue) },
    tls: { ca: certificate },
    retry: { attempts: 0, delay: 1 },
  });
});

afterAll(async () => {
  await client.close();
  await simulator.stop();
});

describe("a whole cluster is read", () => {
  it("in lists, without an entry that cannot be read", async () => {
    const resources = await clusterResources(client);
    expect(resources.unreadable).toBe(0);
    expect(resources.nodes).toHaveLength(3);
    expect(resources.guests.length).toBeGreaterThan(5);
    expect(resources.storages.length).toBeGreaterThan(2);
    const lists = await Promise.all([
      clusterStatus(client),
      haStatus(client),
      listNodes(client),
      users(client, { full: true }),
      acl(client),
      secondFactors(client),
      notBackedUp(client),
    ]);
    expect(lists.map(({ unreadable }) => unreadable)).toEqual(lists.map(() => 0));
    await clusterFirewall(client);
    expect((await version(client)).version).toMatch(/^9\./);
    expect(Object.keys(await permissions(client))).toContain("/");
  });

  it("node by node, the one that is down in our own words", async () => {
    const { items } = await listNodes(client);
    for (const { node, status } of items) {
      if (status === "online") {
        expect((await nodeStatus(client, { node })).memory?.total).toBeGreaterThan(0);
        expect((await nodeCertificates(client, { node })).items).not.toEqual([]);
        const { items: tasks, unreadable } = await listTasks(client, { node });
        expect(unreadable).toBe(0);
        for (const { upid } of tasks) {
          await taskStatus(client, { node, upid });
          expect((await taskLog(client, { node, upid })).unreadable).toBe(0);
        }
      } else {
        const failure = await failureOf(nodeStatus(client, { node }));
        expect(failure).toMatchObject({
          code: "NODE_UNREACHABLE",
          message: expect.stringContaining(`node ${node} cannot be reached`),
        });
      }
    }
    expect(items.map(({ status }) => status).sort()).toEqual(["offline", "online", "online"]);
  });

  it("guest by guest", async () => {
    const { guests, nodes } = await clusterResources(client);
    const up = new Set(nodes.filter(({ status }) => status === "online").map(({ node }) => node));
    for (const { type, vmid, node } of guests.filter((guest) => up.has(guest.node))) {
      const guest = { type, vmid, node };
      expect(await guestStatus(client, guest)).toHaveProperty("status");
      expect(await guestConfig(client, guest)).toHaveProperty("digest");
      expect((await guestSnapshots(client, guest)).unreadable).toBe(0);
      const load = { ...guest, timeframe: "hour", cf: "AVERAGE" } as const;
      expect((await guestLoad(client, load)).unreadable).toBe(0);
    }
  });

  it("storage by storage", async () => {
    const { storages } = await clusterResources(client);
    for (const { storage, node } of storages.filter(({ status }) => status === "available")) {
      expect((await storageContent(client, { node, storage })).unreadable).toBe(0);
    }
  });
});

describe("a guest", () => {
  it("runs a command where its agent answers, and says so where none does", async () => {
    const { guests } = await clusterResources(client);
    const outcomes = await Promise.all(
      guests
        .filter(({ type, status }) => type === "qemu" && status === "running")
        .map(async ({ vmid, node }) => {
          try {
            await agentPing(client, { vmid, node });
          } catch (error) {
            return (error as { code: string }).code;
          }
          const pid = await agentExec(client, { vmid, node, command: ["true"] });
          expect(await agentExecStatus(client, { vmid, node, pid })).toHaveProperty("exited");
          return "ran";
        }),
    );
    expect(outcomes).toContain("ran");
    expect(outcomes).toContain("AGENT_UNAVAILABLE");
  });

  it("that is not there is told as such", async () => {
    const failure = await failureOf(
      guestStatus(client, { type: "qemu", node: "pve1", vmid: 999_999 }),
    );
    expect(failure.code).toBe("GUEST_NOT_FOUND");
  });
});

describe("a token that may not", () => {
  it("is told which privilege it lacks, and where", async () => {
    const tokenValue = new SecretText("44444444-4444-4444-4444-444444444444");
    const token = { user: "bob@pve", tokenName: "t1", tokenValue };
    const bob = clientOf(simulator, { credentials: token });
    expect(await failureOf(nodeStatus(bob, { node: "pve1" }))).toMatchObject({
      code: "PROXMOX_FORBIDDEN",
      message: "bob@pve!t1 lacks Sys.Audit on /nodes/pve1",
    });
    const stranger = clientOf(simulator, { credentials: { ...token, tokenName: "t2" } });
    expect((await failureOf(version(stranger))).code).toBe("PROXMOX_UNAUTHORIZED");
  });
});
