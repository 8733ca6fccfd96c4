import type { DayLoad } from "../../src/analysis/optimization/day-load.ts";
import type { OptimizationFacts } from "../../src/analysis/optimization/facts.ts";
import { OPTIMIZATION_RULES } from "../../src/analysis/optimization/rules.ts";
import type { GuestResource, NodeResource, StorageResource } from "../../src/proxmox/resources.ts";
import type { Suite } from "./rule-cases.ts";

const GIB = 1024 ** 3;

const node = (name: string, details: Partial<NodeResource> = {}): NodeResource => ({
  node: name,
  status: "online",
  maxcpu: 16,
  mem: 40 * GIB,
  maxmem: 100 * GIB,
  ...details,
});

const guest = (vmid: number, details: Partial<GuestResource> = {}): GuestResource => ({
  type: "qemu",
  vmid,
  node: "pve1",
  status: "running",
  template: false,
  cpu: 0.2,
  maxcpu: 4,
  mem: 4 * GIB,
  maxmem: 8 * GIB,
  maxdisk: 32 * GIB,
  ...details,
});

const storage = (disk: number): StorageResource => ({
  storage: "data",
  node: "pve1",
  status: "available",
  shared: false,
  disk,
  maxdisk: 100 * GIB,
});

const healthy: OptimizationFacts = {
  nodes: [node("pve1"), node("pve2"), node("pve3")],
  guests: [guest(100), guest(101, { node: "pve2" }), guest(102, { node: "pve3" })],
  storages: [storage(20 * GIB)],
  loads: [],
};

const guests = (...entries: GuestResource[]): OptimizationFacts => ({
  ...healthy,
  guests: [...healthy.guests, ...entries],
});
const nodes = (...used: number[]): OptimizationFacts => ({
  ...healthy,
  nodes: used.map((gib, index) => node(`pve${index + 1}`, { mem: gib * GIB })),
});
const day = (
  details: Partial<DayLoad>,
  resource: Partial<GuestResource> = {},
): OptimizationFacts => ({
  ...healthy,
  loads: [
    {
      guest: guest(100, resource),
      day: {
        cpuAverage: 0.3,
        cpuPeak: 0.6,
        memoryAverage: 0.5,
        memoryPeak: 0.6,
        hours: 24,
        ...details,
      },
    },
  ],
});

export const OPTIMIZATION: Suite<OptimizationFacts> = {
  rules: OPTIMIZATION_RULES,
  healthy,
  cases: {
    "node.memory-overcommitted": {
      finds: guests(guest(110, { maxmem: 93 * GIB })),
      subjects: ["node/pve1"],
      says: /2 running guests of node pve1 may use 101 GiB, 101 % of its memory/,
      // What does not run was promised nothing.
      passes: guests(guest(110, { maxmem: 92 * GIB }), guest(111, { status: "stopped" })),
    },
    "node.cpu-overcommitted": {
      finds: guests(guest(110, { maxcpu: 61 })),
      subjects: ["node/pve1"],
      says: /65 virtual processors on 16 real ones/,
      passes: guests(guest(110, { maxcpu: 60 })),
    },
    "cluster.no-room-for-failover": {
      finds: nodes(61, 60, 60),
      subjects: ["cluster"],
      says: /use 181 GiB of memory; without node pve1 there are 200 GiB/,
      passes: nodes(60, 60, 60),
    },
    "cluster.memory-imbalance": {
      finds: nodes(60, 40, 29),
      subjects: ["cluster"],
      says: /pve1 uses 60 % of its memory, node pve3 29 %/,
      passes: nodes(60, 40, 31),
    },
    "node.unused": {
      finds: { ...healthy, guests: [guest(100), guest(101, { node: "pve2" })] },
      subjects: ["node/pve3"],
      says: /pve3 runs no guest/,
      passes: { ...healthy, guests: [] },
    },
    "guest.idle": {
      finds: day({ cpuAverage: 0.019, cpuPeak: 0.099 }),
      subjects: ["qemu/100"],
      says: /used 1\.9 % of its processors over 24 hours, 9\.9 % at most/,
      // Idle on average, and busy once a day: a backup server.
      passes: day({ cpuAverage: 0.019, cpuPeak: 0.1 }),
      alsoPass: [day({ cpuAverage: 0.02, cpuPeak: 0.05 })],
    },
    "guest.memory-unused": {
      finds: day({ memoryAverage: 0.2, memoryPeak: 0.39 }),
      subjects: ["qemu/100"],
      says: /at most 39 % of 8 GiB over 24 hours/,
      passes: day({ memoryAverage: 0.2, memoryPeak: 0.39 }, { maxmem: 1 * GIB }),
      alsoPass: [day({ memoryPeak: 0.4 }), day({ memoryPeak: 0.1 }, { maxmem: 1.99 * GIB })],
    },
    "guest.memory-short": {
      finds: day({ memoryAverage: 0.9, memoryPeak: 0.95 }),
      subjects: ["qemu/100"],
      says: /used 90 % of 8 GiB on average/,
      passes: day({ memoryAverage: 0.89, memoryPeak: 0.99 }),
    },
    "guest.cpu-short": {
      finds: day({ cpuAverage: 0.8, cpuPeak: 1 }),
      subjects: ["qemu/100"],
      says: /used 80 % of its processors on average/,
      passes: day({ cpuAverage: 0.79, cpuPeak: 1 }),
    },
    "guest.stopped-with-disks": {
      finds: guests(guest(110, { status: "stopped" })),
      subjects: ["qemu/110"],
      says: /VM 110 is stopped and holds 32 GiB/,
      passes: guests(
        guest(110, { status: "stopped", template: true }),
        guest(111, { status: "stopped", maxdisk: 0.9 * GIB }),
      ),
    },
    "storage.full": {
      finds: { ...healthy, storages: [storage(90 * GIB)] },
      subjects: ["storage/pve1/data"],
      says: /90 % of its space/,
      passes: { ...healthy, storages: [storage(89 * GIB)] },
    },
    "storage.filling": {
      finds: { ...healthy, storages: [storage(80 * GIB)] },
      subjects: ["storage/pve1/data"],
      says: /80 % of its space/,
      passes: { ...healthy, storages: [storage(90 * GIB)] },
    },
  },
};
