import type { GuestFacts } from "../../src/analysis/guest/facts.ts";
import { GUEST_RULES } from "../../src/analysis/guest/rules.ts";
import type { GuestConfig, GuestStatus } from "../../src/proxmox/guest.ts";
import type { GuestResource, NodeResource, StorageResource } from "../../src/proxmox/resources.ts";
import type { Suite } from "./rule-cases.ts";

const GIB = 1024 ** 3;
const DAY = 86_400;
const NOW = Date.parse("2026-01-31T12:00:00Z") / 1000;
const UPID = "UPID:pve1:00000003:00000003:00000003:vzdump:100:root@pam:";

const node = (name: string, details: Partial<NodeResource> = {}): NodeResource => ({
  node: name,
  status: "online",
  maxcpu: 16,
  mem: 20 * GIB,
  maxmem: 100 * GIB,
  ...details,
});

const storage = (name: string, details: Partial<StorageResource> = {}): StorageResource => ({
  storage: name,
  node: "pve1",
  status: "available",
  shared: false,
  disk: 20 * GIB,
  maxdisk: 100 * GIB,
  ...details,
});

const CONFIG: GuestConfig = {
  agent: "enabled=1",
  boot: "order=scsi0;net0",
  ide2: "none,media=cdrom",
  net0: "virtio=BC:24:11:2E:C5:4A,bridge=vmbr0",
  onboot: 1,
  scsi0: "local-lvm:vm-100-disk-0,size=32G",
  scsihw: "virtio-scsi-single",
};

const STATUS: GuestStatus = {
  status: "running",
  qmpstatus: "running",
  balloon: 8 * GIB,
  maxmem: 8 * GIB,
};

const GUEST: GuestResource = {
  type: "qemu",
  vmid: 100,
  name: "web",
  node: "pve1",
  status: "running",
  template: false,
  cpu: 0.1,
  maxcpu: 2,
  mem: 4 * GIB,
  maxmem: 8 * GIB,
};

const healthy: GuestFacts = {
  now: NOW,
  askedNode: "pve1",
  guest: GUEST,
  nodes: [node("pve1"), node("pve2")],
  storages: [storage("local"), storage("local-lvm")],
  status: STATUS,
  config: CONFIG,
  snapshots: [],
  tasks: [],
  agentAnswers: true,
  isInBackupJob: true,
};

const guest = (details: Partial<GuestResource>): GuestFacts => ({
  ...healthy,
  guest: { ...GUEST, ...details },
});
const status = (details: Partial<GuestStatus>): GuestFacts => ({
  ...healthy,
  status: { ...STATUS, ...details },
});
const config = (details: GuestConfig): GuestFacts => ({
  ...healthy,
  config: { ...CONFIG, ...details },
});
const storages = (...entries: StorageResource[]): GuestFacts => ({ ...healthy, storages: entries });
const snapshot = (days: number): GuestFacts => ({
  ...healthy,
  snapshots: [{ name: "before", snaptime: NOW - days * DAY }],
});
const backups = (...outcomes: [outcome: string, daysAgo: number][]): GuestFacts => ({
  ...healthy,
  tasks: outcomes.map(([outcome, daysAgo]) => ({
    upid: UPID,
    type: "vzdump",
    starttime: NOW - daysAgo * DAY,
    status: outcome,
  })),
});
const container = (details: Partial<GuestResource>): GuestFacts => ({
  ...healthy,
  guest: { ...GUEST, type: "lxc", vmid: 200, name: "dns", ...details },
});

export const GUEST_DIAGNOSIS: Suite<GuestFacts> = {
  rules: GUEST_RULES,
  healthy,
  cases: {
    "guest.on-another-node": {
      finds: { ...healthy, askedNode: "pve2" },
      subjects: ["qemu/100"],
      says: /is on node pve1, not on pve2/,
      passes: { ...healthy, askedNode: undefined },
    },
    "guest.unreachable": {
      finds: { ...healthy, nodes: [node("pve1", { status: "offline" })] },
      subjects: ["qemu/100"],
      says: /cannot be reached on node pve1/,
      passes: { ...healthy, nodes: [node("pve1"), node("pve2", { status: "offline" })] },
    },
    "guest.stopped": {
      finds: guest({ status: "stopped" }),
      subjects: ["qemu/100"],
      says: /VM 100 \(web\) is stopped/,
      passes: guest({ status: "stopped", template: true }),
    },
    "guest.paused": {
      finds: status({ qmpstatus: "paused" }),
      subjects: ["qemu/100"],
      says: /in state paused/,
      passes: status({ qmpstatus: "io-error" }),
    },
    "guest.io-error": {
      finds: status({ qmpstatus: "io-error" }),
      subjects: ["qemu/100"],
      says: /disk error/,
      passes: status({ qmpstatus: "paused" }),
    },
    "guest.crashed": {
      finds: status({ qmpstatus: "internal-error" }),
      subjects: ["qemu/100"],
      says: /in state internal-error/,
      passes: status({ qmpstatus: "io-error" }),
    },
    "guest.locked": {
      finds: guest({ lock: "backup" }),
      subjects: ["qemu/100"],
      says: /locked: backup/,
      passes: healthy,
    },
    "guest.ha-error": {
      finds: guest({ hastate: "error" }),
      subjects: ["qemu/100"],
      says: /HA state error/,
      passes: guest({ hastate: "started" }),
    },
    "guest.disk-errors": {
      finds: status({ blockstat: { scsi0: { failed_rd_operations: 2, failed_wr_operations: 1 } } }),
      subjects: ["qemu/100"],
      says: /3 failed disk operations on scsi0/,
      passes: status({ blockstat: { scsi0: { failed_rd_operations: 0 } } }),
      alsoPass: [status({ blockstat: {} })],
    },
    "guest.agent-silent": {
      finds: { ...healthy, agentAnswers: false },
      subjects: ["qemu/100"],
      says: /does not answer/,
      passes: { ...healthy, agentAnswers: undefined },
    },
    "guest.agent-off": {
      finds: config({ agent: "0" }),
      subjects: ["qemu/100"],
      says: /no guest agent/,
      passes: config({ agent: "1,fstrim_cloned_disks=1" }),
      alsoPass: [{ ...config({ agent: "0" }), guest: { ...GUEST, type: "lxc" } }],
    },
    "guest.memory-high": {
      finds: guest({ mem: 7.2 * GIB }),
      subjects: ["qemu/100"],
      says: /90 % of its memory: 7.2 GiB of 8 GiB/,
      passes: guest({ mem: 7.1 * GIB }),
    },
    "guest.root-filesystem-full": {
      finds: container({ disk: 90, maxdisk: 100 }),
      subjects: ["lxc/200"],
      says: /Container 200 \(dns\) uses 90 %/,
      // Of a virtual machine the size is no use.
      passes: guest({ disk: 100, maxdisk: 100 }),
      alsoPass: [container({ disk: 89, maxdisk: 100 })],
    },
    "guest.balloon-shrunk": {
      finds: status({ balloon: 4 * GIB }),
      subjects: ["qemu/100"],
      says: /left 50 % of its memory/,
      passes: status({ balloon: 7.2 * GIB }),
      alsoPass: [
        status({ balloon: 0 }),
        { ...status({ balloon: 4 * GIB }), guest: { ...GUEST, status: "stopped" } },
      ],
    },
    "guest.cpu-high": {
      finds: guest({ cpu: 0.9 }),
      subjects: ["qemu/100"],
      says: /90 % of its processors/,
      passes: guest({ cpu: 0.89 }),
      alsoPass: [guest({ cpu: 0.9, status: "stopped" })],
    },
    "guest.more-cpus-than-node": {
      finds: guest({ maxcpu: 17 }),
      subjects: ["qemu/100"],
      says: /17 processors, node pve1 has 16/,
      passes: guest({ maxcpu: 16 }),
      alsoPass: [
        guest({ type: "lxc", maxcpu: 17 }),
        { ...guest({ maxcpu: 17 }), nodes: [node("pve1", { maxcpu: 32 }), node("pve2")] },
      ],
    },
    "guest.no-boot-device": {
      finds: config({ boot: "order=scsi1;ide2" }),
      subjects: ["qemu/100"],
      says: /nothing to boot from/,
      passes: config({ boot: "cdn" }),
    },
    "guest.storage-inactive": {
      finds: storages(storage("local-lvm", { status: "unknown" })),
      subjects: ["qemu/100"],
      says: /scsi0 of VM 100 \(web\) is on storage local-lvm, which is not active/,
      passes: storages(storage("local-lvm"), storage("archive", { status: "unknown" })),
    },
    "guest.storage-not-listed": {
      finds: storages(storage("local")),
      subjects: ["qemu/100"],
      says: /storage local-lvm, which node pve1 does not list/,
      passes: storages(),
    },
    "guest.storage-full": {
      finds: storages(storage("local-lvm", { disk: 90 * GIB })),
      subjects: ["qemu/100"],
      says: /local-lvm with disks of VM 100 \(web\) is 90 % full/,
      passes: storages(storage("local-lvm"), storage("local", { disk: 99 * GIB })),
      alsoPass: [
        storages(storage("local-lvm", { disk: 89 * GIB })),
        storages(storage("local-lvm", { disk: 99 * GIB, status: "unknown" })),
      ],
    },
    "guest.cd-blocks-migration": {
      finds: config({ ide2: "local:iso/debian.iso,media=cdrom,size=700M" }),
      subjects: ["qemu/100"],
      says: /local:iso\/debian\.iso in ide2/,
      passes: {
        ...config({ ide2: "local:iso/debian.iso,media=cdrom" }),
        storages: [storage("local", { shared: true }), storage("local-lvm")],
      },
    },
    "guest.device-blocks-migration": {
      finds: config({ hostpci0: "0000:01:00.0,pcie=1" }),
      subjects: ["qemu/100"],
      says: /device of node pve1: hostpci0/,
      passes: config({ hostpci0: "mapping=gpu,pcie=1", usb0: "spice" }),
      alsoPass: [{ ...config({ hostpci0: "0000:01:00.0" }), nodes: [node("pve1")] }],
    },
    "guest.snapshots-old": {
      finds: snapshot(31),
      subjects: ["qemu/100"],
      says: /1 snapshot older than 30 days, the oldest is before of 31 days/,
      passes: snapshot(30),
    },
    "guest.task-failed": {
      finds: backups(["job errors", 1], ["OK", 2]),
      subjects: ["qemu/100"],
      says: /The last vzdump of VM 100 \(web\) failed: job errors/,
      // Mended since, and warnings are no failure.
      passes: backups(["WARNINGS: 1", 1], ["job errors", 2]),
      alsoPass: [backups(["job errors", 7.1])],
    },
    "guest.not-backed-up": {
      finds: { ...healthy, isInBackupJob: false },
      subjects: ["qemu/100"],
      says: /No backup job covers/,
      passes: { ...guest({ template: true }), isInBackupJob: false },
    },
    "guest.node-memory-high": {
      finds: { ...healthy, nodes: [node("pve1", { mem: 90 * GIB })] },
      subjects: ["qemu/100"],
      says: /Node pve1 of VM 100 \(web\) uses 90 %/,
      passes: { ...healthy, nodes: [node("pve1"), node("pve2", { mem: 99 * GIB })] },
      alsoPass: [{ ...healthy, nodes: [node("pve1", { mem: 89 * GIB })] }],
    },
    "guest.onboot-off": {
      finds: config({ onboot: 0 }),
      subjects: ["qemu/100"],
      says: /does not start with its node/,
      passes: { ...config({ onboot: 0 }), status: { ...STATUS, ha: { managed: true } } },
    },
    "guest.emulated-devices": {
      finds: config({ net0: "e1000=BC:24:11:2E:C5:4A,bridge=vmbr0", sata0: "local-lvm:x,size=1G" }),
      subjects: ["qemu/100"],
      says: /emulated devices: sata0, net0/,
      // A CD drive is emulated whatever one does.
      passes: config({ ide2: "local:iso/debian.iso,media=cdrom" }),
    },
  },
};
