/** The guests of the example, and as many more as a benchmark asks for. */
import { guest } from "./new-guest.ts";
import type { Guest, Snapshot } from "./state.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const DAY = 86_400;

function snapshots(now: number): readonly Snapshot[] {
  return [
    {
      name: "installed",
      description: "right after it was set up",
      snaptime: now - 90 * DAY,
      parent: undefined,
    },
    { name: "before-upgrade", description: "", snaptime: now - 2 * DAY, parent: "installed" },
  ];
}

/** The guests of the example; `now` is in seconds since 1970. */
export function exampleGuests(now: number): readonly Guest[] {
  const startedAt = now - 10 * DAY;
  return [
    guest({
      vmid: 100,
      kind: "qemu",
      node: "pve1",
      name: "web",
      tags: "ha;production",
      startedAt,
      snapshots: snapshots(now),
    }),
    guest({
      vmid: 101,
      kind: "qemu",
      node: "pve1",
      name: "database",
      tags: "production",
      cores: 8,
      memory: 16 * GIB,
      disk: 256 * GIB,
      load: { cpu: 0.93, memory: 15.6 * GIB, disk: 0 },
      agent: "absent",
      backedUp: false,
      startedAt,
    }),
    // Its start fails.
    guest({
      vmid: 102,
      kind: "qemu",
      node: "pve1",
      name: "broken",
      outcomes: { qmstart: "start failed: QEMU exited with code 1" },
      backedUp: false,
    }),
    guest({ vmid: 103, kind: "qemu", node: "pve2", name: "slow-agent", agent: "slow", startedAt }),
    // Nobody gave it a name.
    guest({ vmid: 104, kind: "qemu", node: "pve2", agent: "none", startedAt }),
    guest({ vmid: 105, kind: "qemu", node: "pve1", name: "traveller", movesTo: "pve2", startedAt }),
    guest({
      vmid: 106,
      kind: "qemu",
      node: "pve2",
      name: "oversized",
      cores: 16,
      memory: 32 * GIB,
      load: { cpu: 0.002, memory: 1.1 * GIB, disk: 0 },
      startedAt,
    }),
    guest({ vmid: 107, kind: "qemu", node: "pve3", name: "on-the-dead-node", startedAt }),
    guest({ vmid: 108, kind: "qemu", node: "pve1", name: "stopped" }),
    guest({
      vmid: 200,
      kind: "lxc",
      node: "pve1",
      name: "dns",
      cores: 1,
      memory: 512 * MIB,
      disk: 8 * GIB,
      startedAt,
    }),
    // Shuts down, but with warnings.
    guest({
      vmid: 201,
      kind: "lxc",
      node: "pve2",
      name: "files",
      memory: 1 * GIB,
      disk: 64 * GIB,
      load: { cpu: 0.02, memory: 0.3 * GIB, disk: 61 * GIB },
      outcomes: { vzshutdown: "WARNINGS: 1", vzstart: "WARNINGS: 1" },
      config: { unprivileged: 0, features: "nesting=1" },
      startedAt,
    }),
    guest({
      vmid: 202,
      kind: "lxc",
      node: "pve2",
      name: "stopped-container",
      memory: 512 * MIB,
      disk: 8 * GIB,
      backedUp: false,
    }),
    guest({ vmid: 203, kind: "lxc", node: "pve3", name: "also-on-the-dead-node", startedAt }),
    guest({ vmid: 900, kind: "qemu", node: "pve1", name: "debian-template", template: true }),
  ];
}

/** One of many: every third is a container, every fifth is stopped. */
export function ordinaryGuest(index: number, now: number): Guest {
  const vmid = 10_000 + index;
  const kind = index % 3 === 0 ? "lxc" : "qemu";
  return guest({
    vmid,
    kind,
    node: index % 2 === 0 ? "pve1" : "pve2",
    name: `guest-${vmid}`,
    startedAt: index % 5 === 0 ? undefined : now - DAY - index,
  });
}
