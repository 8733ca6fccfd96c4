/** A guest with what most guests have. */
import type { Guest } from "./state.ts";

const GIB = 1024 ** 3;

/** What tells guests apart. */
export type Details = Partial<Guest> & Pick<Guest, "vmid" | "kind" | "node">;

/** A guest that has what most have, save what is given. */
export function guest(details: Details): Guest {
  const { kind, node, memory = 2 * GIB, disk = 32 * GIB } = details;
  return {
    name: undefined,
    template: false,
    tags: undefined,
    cores: 2,
    memory,
    disk,
    load: { cpu: 0.04, memory: memory * 0.45, disk: disk * 0.3 },
    agent: kind === "qemu" ? "running" : "none",
    config: {},
    outcomes: {},
    home: node,
    movesTo: undefined,
    backedUp: true,
    cloneOf: undefined,
    startedAt: undefined,
    lock: undefined,
    snapshots: [],
    ...details,
  };
}
