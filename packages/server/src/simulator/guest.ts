/** What routes on guests share: finding one, its figures, and tasks that hold it. */
import { integer, nodeName, optional, type Parameter, vmid } from "./parameters.ts";
import { failed } from "./refusal.ts";
import { type Guest, type GuestKind, type State, seconds } from "./state.ts";
import { startTask } from "./worker.ts";

/** The parameters that every route on a guest has. */
export const GUEST: { readonly node: Parameter<string>; readonly vmid: Parameter<number> } = {
  node: nodeName(),
  vmid: vmid(),
};

/** A time limit in seconds. */
export const TIMEOUT: { readonly timeout: Parameter<number | undefined> } = {
  timeout: optional(integer({ minimum: 0 })),
};

/**
 * The guest of this kind on this node.
 *
 * @throws Refusal where it is on another one, or nowhere.
 */
export function guestOn(
  state: State,
  kind: GuestKind,
  { node, vmid }: { readonly node: string; readonly vmid: number },
): Guest {
  const guest = state.guests.get(vmid);
  if (guest?.kind === kind && guest.node === node) return guest;
  const directory = kind === "qemu" ? "qemu-server" : "lxc";
  throw failed(`Configuration file 'nodes/${node}/${directory}/${vmid}.conf' does not exist`);
}

/** What every list of guests tells of one while its node is up. */
export function guestFigures(state: State, guest: Guest): Record<string, unknown> {
  const { startedAt, load, memory, disk } = guest;
  const uptime = startedAt === undefined ? 0 : Math.max(1, seconds(state) - startedAt);
  const runs = uptime > 0;
  const figures: Record<string, unknown> = {
    status: runs ? "running" : "stopped",
    uptime,
    cpu: runs ? load.cpu : 0,
    mem: runs ? load.memory : 0,
    maxmem: memory,
    disk: guest.kind === "lxc" ? load.disk : 0,
    maxdisk: disk,
    netin: uptime * 1200,
    netout: uptime * 450,
    diskread: uptime * 3000,
    diskwrite: uptime * 2100,
  };
  const { name, template, tags, lock } = guest;
  if (name !== undefined) figures["name"] = name;
  if (template) figures["template"] = 1;
  if (tags !== undefined) figures["tags"] = tags;
  if (lock !== undefined) figures["lock"] = lock;
  return figures;
}

/** Whether high availability manages a guest: those of the example have a tag that says so. */
export function isManaged({ tags }: Guest): boolean {
  return tags?.split(";").includes("ha") === true;
}

/** Whether a guest runs. */
export function isRunning({ startedAt }: Guest): boolean {
  return startedAt !== undefined;
}

/** Starts a task on a guest; what it changes, it changes at its end. @returns the UPID. */
export function startGuestTask(
  state: State,
  guest: Guest,
  {
    type,
    userid,
    log,
    lock,
    change,
  }: {
    readonly type: string;
    readonly userid: string;
    readonly log: readonly string[];
    /** Kept on the guest while the task runs. */
    readonly lock?: string;
    /** @returns how it failed, if it did. */
    readonly change: () => string | undefined;
  },
): string {
  if (guest.lock !== undefined) {
    throw failed(`${guest.kind === "qemu" ? "VM" : "CT"} is locked (${guest.lock})`);
  }
  guest.lock = lock;
  return startTask(state, {
    node: guest.node,
    type,
    id: String(guest.vmid),
    userid,
    log,
    finish: () => {
      guest.lock = undefined;
      const outcome = guest.outcomes[type] ?? "OK";
      if (outcome !== "OK" && !outcome.startsWith("WARNINGS: ")) return outcome;
      return change() ?? outcome;
    },
  });
}
