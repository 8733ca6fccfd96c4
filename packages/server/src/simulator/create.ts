/** New VMs and containers. Proxmox looks at the privileges for these within the call. */
import { allocate, type NewDisk, newDisk } from "./disks.ts";
import { startGuestTask } from "./guest.ts";
import { guest as newGuest } from "./new-guest.ts";
import { boolean, dnsName, integer, nodeName, oneOf, optional, text, vmid } from "./parameters.ts";
import { demand, may } from "./permissions.ts";
import { failed, Refusal } from "./refusal.ts";
import { type Route, route } from "./route.ts";
import type { Guest, GuestKind, State } from "./state.ts";
import { storageOn } from "./storage.ts";

const MIB = 1024 ** 2;
const OS_TYPES = [
  ...["other", "wxp", "w2k", "w2k3", "w2k8", "wvista", "win7", "win8", "win10", "win11"],
  ...["l24", "l26", "solaris"],
];

const COMMON = {
  node: nodeName(),
  vmid: vmid(),
  description: optional(text()),
  memory: optional(integer({ minimum: 16 })),
  net0: optional(text(/^[a-z0-9=,.:/_-]+$/i, () => "format error\nnet0: invalid format")),
  onboot: optional(boolean()),
  pool: optional(text(/^[a-z0-9._/-]+$/i, (value) => `invalid pool name '${value}'`)),
};

/** Options of a new guest, and the privileges that they need. */
const PRIVILEGES: Readonly<Record<string, string>> = {
  agent: "VM.Config.Options",
  cores: "VM.Config.CPU",
  description: "VM.Config.Options",
  hostname: "VM.Config.Network",
  ide2: "VM.Config.CDROM",
  memory: "VM.Config.Memory",
  name: "VM.Config.Options",
  net0: "VM.Config.Network",
  onboot: "VM.Config.Options",
  ostype: "VM.Config.Options",
  rootfs: "VM.Config.Disk",
  scsi0: "VM.Config.Disk",
  scsihw: "VM.Config.HWType",
  sockets: "VM.Config.CPU",
  swap: "VM.Config.Memory",
};

export const CREATE_ROUTES: readonly Route[] = [
  route(
    "POST",
    "/nodes/{node}/qemu",
    "all",
    {
      ...COMMON,
      name: optional(dnsName()),
      cores: optional(integer({ minimum: 1 })),
      sockets: optional(integer({ minimum: 1 })),
      ostype: optional(oneOf(...OS_TYPES)),
      scsihw: optional(text()),
      scsi0: optional(text()),
      ide2: optional(text()),
      agent: optional(text()),
    },
    ({ state, userid, values }) => {
      const { node, vmid: id, name, scsi0, ide2, pool: _, ...options } = values;
      mayCreate(state, userid, values);
      const disk = diskOf(
        state,
        userid,
        { option: "scsi0", text: scsi0, content: "images" },
        values,
      );
      if (ide2 !== undefined) requireVolume(state, node, ide2);
      refuseTaken(state, id, `unable to create VM ${id} - `);
      const { cores, memory = 512, ...rest } = options;
      const drive = disk && { scsi0: `${disk.volid},size=${disk.size / 1024 ** 3}G` };
      const cd = ide2 === undefined ? {} : { ide2 };
      return create(state, userid, {
        disk,
        guest: newGuest({
          ...{ vmid: id, kind: "qemu", node, name, agent: "none", lock: undefined },
          ...{ cores: cores ?? 1, memory: memory * MIB, disk: disk?.size ?? 0 },
          config: { ...configOf(rest), ...drive, ...cd, onboot: +(values.onboot ?? false) },
        }),
      });
    },
  ),
  route(
    "POST",
    "/nodes/{node}/lxc",
    "all",
    {
      ...COMMON,
      ostemplate: text(),
      hostname: optional(dnsName()),
      cores: optional(integer({ minimum: 1, maximum: 8192 })),
      swap: optional(integer({ minimum: 0 })),
      rootfs: optional(text()),
      unprivileged: optional(boolean()),
      features: optional(text()),
      "ssh-public-keys": optional(text()),
    },
    ({ state, userid, values }) => {
      const { node, vmid: id, hostname, rootfs, ostemplate, pool: _, ...options } = values;
      mayCreate(state, userid, values);
      const wanted = { option: "rootfs", text: rootfs, content: "rootdir" };
      const disk = diskOf(state, userid, wanted, values);
      requireVolume(state, node, ostemplate);
      refuseTaken(state, id, "");
      // The keys are inside of it.
      const { cores, memory = 512, "ssh-public-keys": __, ...rest } = options;
      const root = disk && { rootfs: `${disk.volid},size=${disk.size / 1024 ** 3}G` };
      return create(state, userid, {
        disk,
        guest: newGuest({
          ...{ vmid: id, kind: "lxc", node, name: hostname ?? `CT${id}` },
          ...{ cores: cores ?? 1, memory: memory * MIB, disk: disk?.size ?? 0 },
          config: {
            ...configOf(rest),
            ...root,
            unprivileged: +(values.unprivileged ?? false),
            onboot: +(values.onboot ?? false),
          },
        }),
      });
    },
  ),
];

function configOf(options: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const plain = Object.entries(options).filter(
    (option): option is [string, string | number] =>
      typeof option[1] === "string" || typeof option[1] === "number",
  );
  return Object.fromEntries(plain);
}

// Without a path: that is all that Proxmox says of it.
function mayCreate(
  { access }: State,
  userid: string,
  values: { readonly vmid: number; readonly pool: string | undefined } & object,
): void {
  const { vmid: id, pool, ...options } = values;
  const isAllowed = [`/vms/${id}`, ...(pool === undefined ? [] : [`/pool/${pool}`])].some(
    (path) => userid === "root@pam" || may(access, userid, path, "VM.Allocate"),
  );
  if (!isAllowed) throw new Refusal(403, "Permission check failed\n");
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [option] of given) {
    const privilege = PRIVILEGES[option];
    if (privilege !== undefined) demand(access, userid, `/vms/${id}`, [privilege]);
    if (option === "net0") demand(access, userid, "/sdn/zones/localnetwork/vmbr0", ["SDN.Use"]);
  }
}

function diskOf(
  state: State,
  userid: string,
  { option, text: wanted, content }: { option: string; text: string | undefined; content: string },
  { node, vmid: id }: { readonly node: string; readonly vmid: number },
): NewDisk | undefined {
  if (wanted === undefined) return undefined;
  const disk = newDisk(state, option, { text: wanted, node, vmid: id, content });
  const path = `/storage/${disk.storage.storage}`;
  demand(state.access, userid, path, ["Datastore.AllocateSpace"]);
  return disk;
}

function requireVolume(state: State, node: string, option: string): void {
  const [volid = ""] = option.split(",");
  const [storage = ""] = volid.split(":");
  const { volumes } = storageOn(state, { node, storage });
  if (!volumes.some((volume) => volume.volid === volid)) {
    throw failed(`volume '${volid}' does not exist`);
  }
}

/** @throws Refusal where a guest has this id. */
export function refuseTaken({ guests }: State, id: number, prefix: string): void {
  const other = guests.get(id);
  if (other === undefined) return;
  const kind: GuestKind = other.kind;
  throw failed(
    `${prefix}${kind === "qemu" ? "VM" : "CT"} ${id} already exists on node '${other.node}'`,
  );
}

function create(
  state: State,
  userid: string,
  { guest, disk }: { readonly guest: Guest; readonly disk: NewDisk | undefined },
): string {
  const { vmid: id, kind } = guest;
  state.guests.set(id, guest);
  const content = kind === "qemu" ? "images" : "rootdir";
  return startGuestTask(state, guest, {
    type: kind === "qemu" ? "qmcreate" : "vzcreate",
    userid,
    log: disk === undefined ? [] : [`creating disk '${disk.volid}'`],
    lock: "create",
    change: () => {
      const failure = disk && allocate(state, disk, { vmid: id, content });
      if (failure === undefined) return undefined;
      state.guests.delete(id);
      return `unable to create ${kind === "qemu" ? "VM" : "CT"} ${id} - ${failure}`;
    },
  });
}
