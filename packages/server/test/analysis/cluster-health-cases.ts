import type { ClusterHealthFacts, OwnStatus } from "../../src/analysis/cluster-health/facts.ts";
import { CLUSTER_HEALTH_RULES } from "../../src/analysis/cluster-health/rules.ts";
import type { ClusterStatus } from "../../src/proxmox/cluster.ts";
import type { NodeResource, StorageResource } from "../../src/proxmox/resources.ts";
import type { Suite } from "./rule-cases.ts";

const GIB = 1024 ** 3;

const node = (name: string, details: Partial<NodeResource> = {}): NodeResource => ({
  node: name,
  status: "online",
  cpu: 0.2,
  maxcpu: 16,
  mem: 20 * GIB,
  maxmem: 100 * GIB,
  disk: 20 * GIB,
  maxdisk: 100 * GIB,
  ...details,
});

const storage = (details: Partial<StorageResource> = {}): StorageResource => ({
  storage: "data",
  node: "pve1",
  status: "available",
  shared: false,
  disk: 20 * GIB,
  maxdisk: 100 * GIB,
  content: "images",
  ...details,
});

const own = (name: string, details: Partial<OwnStatus> = {}): OwnStatus => ({
  node: name,
  loadavg: [1, 1, 1],
  cpuinfo: { cpus: 16 },
  swap: { used: 0, total: 8 * GIB },
  pveversion: "pve-manager/9.2.11/0123456789abcdef",
  ...details,
});

const NAMES = ["pve1", "pve2", "pve3", "pve4", "pve5"] as const;

/** A cluster of nodes, of which the first are online. */
const members = (total: number, online: number, quorate = true): ClusterStatus => ({
  cluster: { name: "example", quorate, nodes: total },
  nodes: NAMES.slice(0, total).map((name, index) => ({
    name,
    online: index < online,
    local: index === 0,
  })),
  unreadable: 0,
});

const healthy: ClusterHealthFacts = {
  nodes: [node("pve1"), node("pve2"), node("pve3")],
  guests: [
    { type: "qemu", vmid: 100, node: "pve1", status: "running", template: false },
    { type: "lxc", vmid: 200, node: "pve3", status: "running", template: false },
    { type: "qemu", vmid: 900, node: "pve3", status: "stopped", template: true },
  ],
  storages: [storage(), storage({ node: "pve2" })],
  cluster: members(3, 3),
  nodeStatuses: [own("pve1"), own("pve2"), own("pve3")],
  ha: [
    { id: "quorum", type: "quorum", node: "pve1", status: "OK", quorate: true },
    {
      id: "lrm:pve1",
      type: "lrm",
      node: "pve1",
      status: "pve1 (active, Sat Jan 31 12:00:00 2026)",
    },
    { id: "service:vm:100", type: "service", sid: "vm:100", node: "pve1", state: "started" },
  ],
  notBackedUp: [],
};

const nodes = (details: Partial<NodeResource>): ClusterHealthFacts => ({
  ...healthy,
  nodes: [node("pve1", details), node("pve2"), node("pve3")],
});
const storages = (...entries: Partial<StorageResource>[]): ClusterHealthFacts => ({
  ...healthy,
  storages: entries.map(storage),
});
const statuses = (details: Partial<OwnStatus>): ClusterHealthFacts => ({
  ...healthy,
  nodeStatuses: [own("pve1", details), own("pve2")],
});
const lrm = (status: string): ClusterHealthFacts => ({
  ...healthy,
  ha: [{ id: "lrm:pve2", type: "lrm", node: "pve2", status }],
});
const service = (state: string): ClusterHealthFacts => ({
  ...healthy,
  ha: [{ id: "service:vm:100", type: "service", sid: "vm:100", node: "pve1", state }],
});
const down = (name: string): ClusterHealthFacts => ({
  ...healthy,
  nodes: NAMES.slice(0, 3).map((each) =>
    each === name ? { node: each, status: "offline" } : node(each),
  ),
});

export const CLUSTER_HEALTH: Suite<ClusterHealthFacts> = {
  rules: CLUSTER_HEALTH_RULES,
  healthy,
  cases: {
    "cluster.quorum-lost": {
      finds: { ...healthy, cluster: members(3, 1, false) },
      subjects: ["cluster"],
      says: /example is not quorate: 1 of 3 nodes/,
      // A host alone has no entry of type cluster, and no quorum to lose.
      passes: { ...healthy, cluster: { ...members(1, 1), cluster: undefined } },
    },
    "cluster.no-node-to-lose": {
      finds: { ...healthy, cluster: members(3, 2) },
      subjects: ["cluster"],
      says: /2 of 3 nodes online and needs 2/,
      passes: { ...healthy, cluster: members(5, 4) },
      alsoPass: [
        healthy,
        { ...healthy, cluster: members(2, 2) },
        { ...healthy, cluster: members(3, 1, false) },
      ],
    },
    "cluster.even-node-count": {
      finds: { ...healthy, cluster: members(4, 4) },
      subjects: ["cluster"],
      says: /4 nodes and needs 3/,
      passes: { ...healthy, cluster: members(5, 5) },
    },
    "cluster.versions-differ": {
      finds: statuses({ pveversion: "pve-manager/8.4-1/761609f7" }),
      subjects: ["cluster"],
      says: /pve1 8\.4-1, pve2 9\.2\.11/,
      // The same version, built from another commit.
      passes: statuses({ pveversion: "pve-manager/9.2.11/fedcba9876543210" }),
    },
    "cluster.guests-not-backed-up": {
      finds: { ...healthy, notBackedUp: [{ vmid: 101 }] },
      subjects: ["cluster"],
      says: /covers 1 guest: 101/,
      passes: { ...healthy, notBackedUp: [] },
    },
    "node.offline": {
      finds: down("pve3"),
      subjects: ["node/pve3"],
      says: /pve3 is offline/,
      passes: healthy,
    },
    "node.guests-stranded": {
      finds: down("pve3"),
      subjects: ["node/pve3"],
      says: /1 guest on node pve3 cannot be reached: 200/,
      passes: down("pve2"),
    },
    "node.cpu-high": {
      finds: nodes({ cpu: 0.9 }),
      subjects: ["node/pve1"],
      says: /uses 90 %/,
      passes: nodes({ cpu: 0.899 }),
    },
    "node.load-high": {
      finds: statuses({ loadavg: [1, 1, 24] }),
      subjects: ["node/pve1"],
      says: /load of 24 on 16 processors/,
      passes: statuses({ loadavg: [99, 99, 23.9] }),
      alsoPass: [
        statuses({ loadavg: [] }),
        statuses({ loadavg: [1, 1, 24], cpuinfo: { cpus: 0 } }),
      ],
    },
    "node.memory-full": {
      finds: nodes({ mem: 95 * GIB }),
      subjects: ["node/pve1"],
      says: /95 % of its memory: 95 GiB of 100 GiB/,
      passes: nodes({ mem: 94.9 * GIB }),
    },
    "node.memory-high": {
      finds: nodes({ mem: 85 * GIB }),
      subjects: ["node/pve1"],
      says: /85 % of its memory/,
      passes: nodes({ mem: 95 * GIB }),
      alsoPass: [nodes({ mem: 84.9 * GIB })],
    },
    "node.swap-high": {
      finds: statuses({ swap: { used: 4 * GIB, total: 8 * GIB } }),
      subjects: ["node/pve1"],
      says: /50 % of its swap/,
      passes: statuses({ swap: { used: 0, total: 0 } }),
      alsoPass: [statuses({ swap: { used: 3.9 * GIB, total: 8 * GIB } })],
    },
    "node.root-filesystem-full": {
      finds: nodes({ disk: 90 * GIB }),
      subjects: ["node/pve1"],
      says: /90 % of its root filesystem/,
      passes: nodes({ disk: 89.9 * GIB }),
    },
    "node.root-filesystem-high": {
      finds: nodes({ disk: 80 * GIB }),
      subjects: ["node/pve1"],
      says: /80 % of its root filesystem/,
      passes: nodes({ disk: 90 * GIB }),
      alsoPass: [nodes({ disk: 79.9 * GIB })],
    },
    "node.clock-drift": {
      finds: lrm("pve2 (detected time drift!, Sat Jan 31 12:00:09 2026)"),
      subjects: ["node/pve2"],
      says: /clock of node pve2/,
      passes: lrm("pve2 (active, Sat Jan 31 12:00:00 2026)"),
    },
    "storage.inactive": {
      finds: storages(
        { shared: true, status: "unknown" },
        { shared: true, node: "pve2", status: "unknown" },
      ),
      subjects: ["storage/data"],
      says: /data is not active on pve1, pve2/,
      // Of a node that is down nobody can say.
      passes: { ...down("pve1"), storages: [storage({ status: "unknown" })] },
    },
    "storage.full": {
      finds: storages(
        { shared: true, disk: 90 * GIB },
        { shared: true, node: "pve2", disk: 90 * GIB },
      ),
      subjects: ["storage/data"],
      says: /Storage data uses 90 % of its space/,
      passes: storages({ disk: 89 * GIB }, { status: "unknown", disk: 100 * GIB }),
    },
    "storage.filling": {
      finds: storages({ disk: 80 * GIB }, { node: "pve2", disk: 85 * GIB }),
      subjects: ["storage/pve1/data", "storage/pve2/data"],
      says: /on node pve1 uses 80 %/,
      passes: storages({ disk: 79.9 * GIB }, { node: "pve2", disk: 90 * GIB }),
    },
    "ha.resource-error": {
      finds: service("error"),
      subjects: ["ha/vm:100"],
      says: /vm:100 is in state error on node pve1/,
      passes: service("stopped"),
      alsoPass: [{ ...healthy, ha: [{ id: "x", type: "lrm", sid: "vm:100", state: "error" }] }],
    },
    "ha.resource-recovering": {
      finds: service("recovery"),
      subjects: ["ha/vm:100"],
      says: /in state recovery/,
      passes: service("migrate"),
    },
    "ha.manager-silent": {
      finds: lrm("pve2 (old timestamp - dead?, Sat Jan 31 11:00:00 2026)"),
      subjects: ["node/pve2"],
      says: /local HA manager on node pve2 is silent/,
      passes: {
        ...down("pve3"),
        ha: [
          { id: "lrm:pve2", type: "lrm", node: "pve2", status: "pve2 (maintenance mode, Sat)" },
          {
            id: "lrm:pve3",
            type: "lrm",
            node: "pve3",
            status: "pve3 (old timestamp - dead?, Sat)",
          },
        ],
      },
    },
  },
};
