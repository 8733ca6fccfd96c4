/** The cluster that every simulator starts with: three nodes, of which one is down. */
import { exampleAccess } from "./example-access.ts";
import { exampleGuests, ordinaryGuest } from "./example-guests.ts";
import { exampleStorages } from "./example-storages.ts";
import { type ClusterNode, type State, seconds, type Task } from "./state.ts";
import { lastLine } from "./worker.ts";

const GIB = 1024 ** 3;
const DAY = 86_400;

/** What a cluster takes from outside. */
export type Surroundings = Pick<State, "now" | "random" | "delays" | "wait"> & {
  /** How many guests there are. Default: those of the example. */
  readonly guests?: number | undefined;
};

/** A new cluster. */
export function exampleCluster({ guests: count, ...surroundings }: Surroundings): State {
  const now = seconds(surroundings);
  const examples = exampleGuests(now);
  const more = Math.max(0, (count ?? 0) - examples.length);
  const guests = [
    ...examples.slice(0, count),
    ...Array.from({ length: more }, (_, index) => ordinaryGuest(index, now)),
  ];
  return {
    ...surroundings,
    name: "example",
    nodes: exampleNodes(now),
    guests: new Map(guests.map((guest) => [guest.vmid, guest])),
    storages: exampleStorages(now),
    access: exampleAccess(),
    tasks: new Map(exampleTasks(now).map((task) => [task.upid, task])),
    running: new Set(),
    commands: new Map(),
    secret: surroundings.random(32),
    lastPid: 4096,
    listings: 0,
  };
}

function exampleNodes(now: number): readonly ClusterNode[] {
  const common = { cpus: 16, memory: 64 * GIB, disk: 100 * GIB, startedAt: now - 40 * DAY };
  return [
    {
      ...common,
      ...{ name: "pve1", nodeid: 1, ip: "192.0.2.11", online: true },
      load: { cpu: 0.21, memory: 31 * GIB, disk: 22 * GIB },
      certificateEndsAt: now + 300 * DAY,
    },
    {
      ...common,
      ...{ name: "pve2", nodeid: 2, ip: "192.0.2.12", online: true },
      load: { cpu: 0.08, memory: 58 * GIB, disk: 22 * GIB },
      // Soon.
      certificateEndsAt: now + 12 * DAY,
    },
    {
      ...common,
      ...{ name: "pve3", nodeid: 3, ip: "192.0.2.13", online: false },
      load: { cpu: 0, memory: 0, disk: 0 },
      certificateEndsAt: now + 300 * DAY,
    },
  ];
}

// One went well, one ended with a warning, one failed.
function exampleTasks(now: number): readonly Task[] {
  return [
    endedTask(1, now - 1 * DAY, "pve1", "vzdump", "100", "OK", ["INFO: starting backup of VM 100"]),
    endedTask(2, now - 1 * DAY + 600, "pve2", "vzstart", "201", "WARNINGS: 1", [
      "WARN: old systemd (< v232) detected, container won't run in a pure cgroupv2 environment!",
    ]),
    endedTask(3, now - 3600, "pve1", "vzdump", "101", "job errors", [
      "INFO: starting backup of VM 101",
      "ERROR: Backup of VM 101 failed - no space left on device",
    ]),
  ];
}

function endedTask(
  pid: number,
  starttime: number,
  node: string,
  type: string,
  id: string,
  exitstatus: string,
  log: readonly string[],
): Task {
  const userid = "root@pam";
  const [first, second] = [pid, starttime].map((number) =>
    number.toString(16).toUpperCase().padStart(8, "0"),
  );
  return {
    upid: `UPID:${node}:${first}:${first}:${second}:${type}:${id}:${userid}:`,
    ...{ node, pid, pstart: pid, starttime, type, id, userid },
    log: [...log, lastLine(exitstatus)],
    end: { time: starttime + 60, exitstatus },
  };
}
