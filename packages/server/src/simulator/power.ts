/** Starting and stopping guests. */
import { GUEST, guestOn, isRunning, startGuestTask, TIMEOUT } from "./guest.ts";
import { boolean, optional, type Schema } from "./parameters.ts";
import { failed } from "./refusal.ts";
import { needs, type Route, route } from "./route.ts";
import { type Guest, type GuestKind, type State, seconds } from "./state.ts";

interface Action {
  readonly name: string;
  /** The types of its tasks. */
  readonly types: Readonly<Record<GuestKind, string>>;
  readonly parameters: Schema;
  /** What is said at once. Proxmox says the rest in the task. */
  readonly refuses: (guest: Guest) => string | undefined;
  /** @returns how it failed, if it did. */
  readonly change: (state: State, guest: Guest) => string | undefined;
}

const SKIP_LOCK = { skiplock: optional(boolean()) };

function start(state: State, guest: Guest): string | undefined {
  if (guest.template) return "you can't start a vm if it's a template";
  if (isRunning(guest)) return `VM ${guest.vmid} already running`;
  guest.startedAt = seconds(state);
  return undefined;
}

function stop(_: State, guest: Guest): undefined {
  guest.startedAt = undefined;
}

const notRunning = (guest: Guest): string | undefined =>
  isRunning(guest) ? undefined : `${guest.kind === "qemu" ? "VM" : "CT"} ${guest.vmid} not running`;

const containerNotRunning = (guest: Guest): string | undefined =>
  guest.kind === "lxc" ? notRunning(guest) : undefined;

const ACTIONS: readonly Action[] = [
  {
    name: "start",
    types: { qemu: "qmstart", lxc: "vzstart" },
    parameters: { ...TIMEOUT, ...SKIP_LOCK },
    refuses: (guest) =>
      guest.kind === "lxc" && isRunning(guest) ? `CT ${guest.vmid} already running` : undefined,
    change: start,
  },
  {
    name: "stop",
    types: { qemu: "qmstop", lxc: "vzstop" },
    parameters: { ...TIMEOUT, ...SKIP_LOCK, "overrule-shutdown": optional(boolean()) },
    refuses: containerNotRunning,
    change: stop,
  },
  {
    name: "shutdown",
    types: { qemu: "qmshutdown", lxc: "vzshutdown" },
    parameters: { ...TIMEOUT, ...SKIP_LOCK, forceStop: optional(boolean()) },
    refuses: containerNotRunning,
    change: stop,
  },
  {
    name: "reboot",
    types: { qemu: "qmreboot", lxc: "vzreboot" },
    parameters: TIMEOUT,
    refuses: notRunning,
    change: (state, guest) => {
      guest.startedAt = seconds(state);
      return undefined;
    },
  },
];

function powerRoute(kind: GuestKind, action: Action): Route {
  const { name, types, parameters, refuses, change } = action;
  return route(
    "POST",
    `/nodes/{node}/${kind}/{vmid}/status/${name}`,
    needs("/vms/{vmid}", "VM.PowerMgmt"),
    { ...GUEST, ...parameters },
    ({ state, userid, values }) => {
      const guest = guestOn(state, kind, values);
      const refusal = refuses(guest);
      if (refusal !== undefined) throw failed(refusal);
      return startGuestTask(state, guest, {
        type: types[kind],
        userid,
        log: [`${name} ${kind === "qemu" ? "VM" : "CT"} ${guest.vmid}`],
        change: () => change(state, guest),
      });
    },
  );
}

export const POWER_ROUTES: readonly Route[] = (["qemu", "lxc"] as const).flatMap((kind) =>
  ACTIONS.map((action) => powerRoute(kind, action)),
);
