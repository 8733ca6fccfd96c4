/** Snapshots of guests. */
import { GUEST, guestOn, isRunning, startGuestTask } from "./guest.ts";
import { digestOf } from "./guest-config.ts";
import { boolean, configurationId, optional, text } from "./parameters.ts";
import { failed } from "./refusal.ts";
import { needs, type Route, route } from "./route.ts";
import { type Guest, type GuestKind, type Snapshot, seconds } from "./state.ts";

const SNAPSHOT = { ...GUEST, snapname: configurationId() };

function snapshotRoutes(kind: GuestKind): readonly Route[] {
  const path = `/nodes/{node}/${kind}/{vmid}/snapshot`;
  const prefix = kind === "qemu" ? "qm" : "vz";
  return [
    route("GET", path, needs("/vms/{vmid}", "VM.Audit"), GUEST, ({ state, values }) =>
      listOf(guestOn(state, kind, values)),
    ),
    route(
      "POST",
      path,
      needs("/vms/{vmid}", "VM.Snapshot"),
      {
        ...SNAPSHOT,
        description: optional(text()),
        ...(kind === "qemu" ? { vmstate: optional(boolean()) } : {}),
      },
      ({ state, userid, values }) => {
        const guest = guestOn(state, kind, values);
        const { snapname: name, description = "", vmstate } = values;
        const memory = vmstate === true && isRunning(guest) ? { vmstate: 1 as const } : {};
        if (name === "current" || name === "pending") {
          throw failed(`unable to use snapshot name '${name}' (reserved name)`);
        }
        return startGuestTask(state, guest, {
          type: `${prefix}snapshot`,
          userid,
          log: [`create snapshot '${name}'`],
          lock: "snapshot",
          change: () => {
            if (find(guest, name)) return `snapshot name '${name}' already used`;
            const parent = guest.snapshots.at(-1)?.name;
            const snaptime = seconds(state);
            const snapshot = { name, description, snaptime, parent, ...memory };
            guest.snapshots = [...guest.snapshots, snapshot];
            return undefined;
          },
        });
      },
    ),
    route(
      "DELETE",
      `${path}/{snapname}`,
      needs("/vms/{vmid}", "VM.Snapshot"),
      { ...SNAPSHOT, force: optional(boolean()) },
      ({ state, userid, values }) => {
        const guest = guestOn(state, kind, values);
        const { snapname: name } = values;
        return startGuestTask(state, guest, {
          type: `${prefix}delsnapshot`,
          userid,
          log: [`delete snapshot '${name}'`],
          lock: "snapshot-delete",
          change: () => {
            const gone = find(guest, name);
            if (gone === undefined) return missing(name);
            guest.snapshots = guest.snapshots
              .filter((snapshot) => snapshot !== gone)
              .map((snapshot) =>
                snapshot.parent === name ? { ...snapshot, parent: gone.parent } : snapshot,
              );
            return undefined;
          },
        });
      },
    ),
    route(
      "POST",
      `${path}/{snapname}/rollback`,
      needs("/vms/{vmid}", "VM.Snapshot", "VM.Snapshot.Rollback"),
      { ...SNAPSHOT, start: optional(boolean()) },
      ({ state, userid, values }) => {
        const guest = guestOn(state, kind, values);
        const { snapname: name, start = false } = values;
        return startGuestTask(state, guest, {
          type: `${prefix}rollback`,
          userid,
          log: [`rollback to snapshot '${name}'`],
          lock: "rollback",
          change: () => {
            if (find(guest, name) === undefined) return missing(name);
            guest.startedAt = start ? seconds(state) : undefined;
            return undefined;
          },
        });
      },
    ),
  ];
}

function find({ snapshots }: Guest, name: string): Snapshot | undefined {
  return snapshots.find((snapshot) => snapshot.name === name);
}

function missing(name: string): string {
  return `snapshot '${name}' does not exist`;
}

// The state of now stands at the end, as a child of the newest snapshot.
function listOf(guest: Guest): readonly object[] {
  const parent = guest.snapshots.at(-1)?.name;
  const current = {
    name: "current",
    description: "You are here!",
    running: isRunning(guest) ? 1 : 0,
    digest: digestOf(guest),
    ...(parent === undefined ? {} : { parent }),
  };
  return [...guest.snapshots, current];
}

export const SNAPSHOT_ROUTES: readonly Route[] = [
  ...snapshotRoutes("qemu"),
  ...snapshotRoutes("lxc"),
];
