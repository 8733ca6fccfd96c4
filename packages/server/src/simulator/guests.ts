/** Reading VMs and containers. */
import { GUEST, guestFigures, guestOn, isManaged, isRunning } from "./guest.ts";
import { configOf } from "./guest-config.ts";
import { nodeName, oneOf, optional } from "./parameters.ts";
import { visible } from "./permissions.ts";
import { needs, type Route, route } from "./route.ts";
import { type Guest, type GuestKind, type State, seconds } from "./state.ts";

const AUDIT = needs("/vms/{vmid}", "VM.Audit");

// Seconds between two measurements.
const STEPS = { hour: 60, day: 1800, week: 10_800, month: 43_200, year: 604_800 } as const;
const MEASUREMENTS = 70;

function guestRoutes(kind: GuestKind): readonly Route[] {
  const path = `/nodes/{node}/${kind}/{vmid}`;
  return [
    route("GET", `/nodes/{node}/${kind}`, "all", { node: nodeName() }, (call) => {
      const { state, userid, values } = call;
      const maySee = visible(state.access, userid, "/vms", "VM.Audit");
      return [...state.guests.values()]
        .filter((guest) => guest.kind === kind && guest.node === values.node)
        .filter(({ vmid }) => maySee(vmid))
        .map((guest) => entryOf(state, guest));
    }),
    route("GET", `${path}/status/current`, AUDIT, GUEST, ({ state, values }) =>
      statusOf(state, guestOn(state, kind, values)),
    ),
    route("GET", `${path}/config`, AUDIT, GUEST, ({ state, values }) =>
      configOf(guestOn(state, kind, values)),
    ),
    route(
      "GET",
      `${path}/rrddata`,
      AUDIT,
      {
        ...GUEST,
        timeframe: oneOf("hour", "day", "week", "month", "year"),
        cf: optional(oneOf("AVERAGE", "MAX")),
      },
      ({ state, values }) => loadOf(state, guestOn(state, kind, values), STEPS[values.timeframe]),
    ),
  ];
}

function entryOf(state: State, guest: Guest): object {
  const { vmid, kind, cores: cpus } = guest;
  const swap = kind === "lxc" ? { swap: 0, maxswap: 512 * 1024 ** 2 } : {};
  return { vmid, cpus, ...swap, ...guestFigures(state, guest) };
}

function statusOf(state: State, guest: Guest): object {
  const figures = { ...entryOf(state, guest), ha: highAvailability(guest) };
  if (guest.kind === "lxc") return { ...figures, type: "lxc" };
  const { memory, load, vmid } = guest;
  const running = {
    pid: 10_000 + vmid,
    "running-machine": "pc-i440fx-10.1+pve0",
    "running-qemu": "10.1.2",
    freemem: memory - load.memory,
    balloon: memory,
  };
  return {
    ...figures,
    qmpstatus: isRunning(guest) ? "running" : "stopped",
    ...(guest.agent === "none" ? {} : { agent: 1 }),
    ...(isRunning(guest) ? running : {}),
  };
}

function highAvailability(guest: Guest): object {
  if (!isManaged(guest)) return { managed: 0 };
  return { managed: 1, state: isRunning(guest) ? "started" : "stopped" };
}

// One day looks like the other: the same measurements at every call.
function loadOf(state: State, guest: Guest, step: number): readonly object[] {
  const last = Math.floor(seconds(state) / step) * step;
  return Array.from({ length: MEASUREMENTS }, (_, index) => {
    const time = last - (MEASUREMENTS - 1 - index) * step;
    const { cores: maxcpu, memory: maxmem, disk: maxdisk, load, startedAt } = guest;
    const limits = { time, maxcpu, maxmem, maxdisk };
    if (startedAt === undefined || time < startedAt) return limits;
    const swing = 1 + ((index % 7) - 3) / 100;
    return {
      ...limits,
      cpu: load.cpu * swing,
      mem: Math.round(load.memory * swing),
      disk: load.disk,
      netin: 1200 * swing,
      netout: 450 * swing,
      diskread: 3000 * swing,
      diskwrite: 2100 * swing,
    };
  });
}

export const GUEST_ROUTES: readonly Route[] = [...guestRoutes("qemu"), ...guestRoutes("lxc")];
