/** Clones of VMs. */
import { refuseTaken } from "./create.ts";
import { allocate } from "./disks.ts";
import { GUEST, guestOn, isRunning } from "./guest.ts";
import { guest as newGuest } from "./new-guest.ts";
import {
  boolean,
  configurationId,
  dnsName,
  nodeName,
  optional,
  storageId,
  text,
  vmid,
} from "./parameters.ts";
import { demand } from "./permissions.ts";
import { failed, invalid } from "./refusal.ts";
import { needs, type Route, route } from "./route.ts";
import type { Guest, State } from "./state.ts";
import { storageOn } from "./storage.ts";
import { startTask } from "./worker.ts";

const DEFAULT_STORAGE = "local-lvm";

export const CLONE_ROUTES: readonly Route[] = [
  route(
    "POST",
    "/nodes/{node}/qemu/{vmid}/clone",
    needs("/vms/{vmid}", "VM.Clone"),
    {
      ...GUEST,
      newid: vmid(),
      name: optional(dnsName()),
      description: optional(text()),
      full: optional(boolean()),
      snapname: optional(configurationId()),
      storage: optional(storageId()),
      target: optional(nodeName()),
      pool: optional(text()),
    },
    ({ state, userid, values }) => {
      const source = guestOn(state, "qemu", values);
      const { newid, snapname, storage, target = source.node, full = !source.template } = values;
      demand(state.access, userid, `/vms/${newid}`, ["VM.Allocate"]);
      if (source.lock !== undefined) throw failed(`VM is locked (${source.lock})`);
      if (snapname !== undefined && !source.snapshots.some(({ name }) => name === snapname)) {
        throw failed(`snapshot '${snapname}' does not exist`);
      }
      if (storage !== undefined && !full) {
        throw failed("parameter 'storage' not allowed for linked clones");
      }
      if (!full && !source.template) {
        throw failed(`Linked clone feature is not supported for drive 'scsi0'`);
      }
      refuseTarget(state, source, target);
      demand(state.access, userid, `/storage/${storage ?? DEFAULT_STORAGE}`, [
        "Datastore.AllocateSpace",
      ]);
      demand(state.access, userid, "/sdn/zones/localnetwork/vmbr0", ["SDN.Use"]);
      refuseTaken(state, newid, `unable to create VM ${newid}: `);
      return clone(state, userid, source, { ...values, full });
    },
  ),
];

// All disks of the example are local.
function refuseTarget({ nodes }: State, { node }: Guest, target: string): void {
  if (target === node) return;
  if (!nodes.some(({ name }) => name === target)) {
    throw invalid({ target: `no such cluster node '${target}'` });
  }
  throw failed(`can't clone VM to node '${target}' (VM uses local storage)`);
}

function clone(
  state: State,
  userid: string,
  source: Guest,
  {
    newid,
    name,
    description,
    storage = DEFAULT_STORAGE,
    full,
  }: {
    readonly newid: number;
    readonly name: string | undefined;
    readonly description: string | undefined;
    readonly storage: string | undefined;
    readonly full: boolean;
  },
): string {
  const { node, vmid: id, cores, memory, disk, agent, config, template } = source;
  const made = newGuest({
    ...{ vmid: newid, kind: "qemu", node, name: name ?? `Copy-of-VM-${source.name ?? id}` },
    ...{ cores, memory, disk, agent, lock: "clone" },
    config: { ...config, ...(description === undefined ? {} : { description }) },
    cloneOf: full || !template ? undefined : id,
  });
  const place = storageOn(state, { node, storage });
  state.guests.set(newid, made);
  const volid = `${storage}:vm-${newid}-disk-0`;
  const kind = full ? "full" : "linked";
  return startTask(state, {
    node,
    type: "qmclone",
    id: String(id),
    userid,
    log: [
      `create ${kind} clone of drive scsi0 (local-lvm:${template ? "base" : "vm"}-${id}-disk-0)`,
      ...(isRunning(source) ? ["drive mirror is starting for drive-scsi0"] : []),
    ],
    finish: () => {
      const outcome = source.outcomes["qmclone"] ?? "OK";
      const isWell = outcome === "OK" || outcome.startsWith("WARNINGS: ");
      const size = full ? disk : 0;
      const failure = isWell
        ? allocate(state, { storage: place, size, volid }, { vmid: newid, content: "images" })
        : outcome;
      if (failure === undefined) {
        made.lock = undefined;
        return outcome;
      }
      state.guests.delete(newid);
      return isWell ? `clone failed: ${failure}` : failure;
    },
  });
}
