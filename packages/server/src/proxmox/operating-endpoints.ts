/** The endpoints that change guests, and what is read for that alone. Part of `endpoints.ts`. */
import { type Endpoint, type Need, need, reads, writes } from "./endpoint.ts";

const POWER = need("/vms/{vmid}", "VM.PowerMgmt");
const SNAPSHOT = need("/vms/{vmid}", "VM.Snapshot");
const ROLLBACK = need("/vms/{vmid}", "VM.Snapshot.Rollback", "VM.Snapshot");
const ALLOCATE = need("/vms/{vmid}", "VM.Allocate");
const ALLOCATE_SPACE = need("/storage/{storage}", "Datastore.AllocateSpace");
// Where a bridge of the nodes themselves is looked up.
const USE_BRIDGE = need("/sdn/zones/localnetwork", "SDN.Use");
const CONFIGURE = (...parts: readonly string[]): readonly Need[] =>
  parts.map((part) => need("/vms/{vmid}", `VM.Config.${part}`));

/** An id that no guest has; of one that is given, whether it is free. */
export const NEXT_ID: Endpoint<"/cluster/nextid", "vmid"> = reads("/cluster/nextid", {
  parameters: ["vmid"],
});

export const VM_START: Endpoint<"/nodes/{node}/qemu/{vmid}/status/start"> = writes(
  "POST",
  "/nodes/{node}/qemu/{vmid}/status/start",
  { needs: [POWER] },
);
export const VM_STOP: Endpoint<"/nodes/{node}/qemu/{vmid}/status/stop"> = writes(
  "POST",
  "/nodes/{node}/qemu/{vmid}/status/stop",
  { needs: [POWER] },
);
export const VM_SHUTDOWN: Endpoint<"/nodes/{node}/qemu/{vmid}/status/shutdown"> = writes(
  "POST",
  "/nodes/{node}/qemu/{vmid}/status/shutdown",
  { needs: [POWER] },
);
export const VM_REBOOT: Endpoint<"/nodes/{node}/qemu/{vmid}/status/reboot"> = writes(
  "POST",
  "/nodes/{node}/qemu/{vmid}/status/reboot",
  { needs: [POWER] },
);
export const VM_SNAPSHOT_CREATE: Endpoint<
  "/nodes/{node}/qemu/{vmid}/snapshot",
  "snapname" | "description" | "vmstate"
> = writes("POST", "/nodes/{node}/qemu/{vmid}/snapshot", {
  parameters: ["snapname", "description", "vmstate"],
  needs: [SNAPSHOT],
});
export const VM_SNAPSHOT_DELETE: Endpoint<"/nodes/{node}/qemu/{vmid}/snapshot/{snapname}"> = writes(
  "DELETE",
  "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}",
  { needs: [SNAPSHOT] },
);
export const VM_SNAPSHOT_ROLLBACK: Endpoint<
  "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback",
  "start"
> = writes("POST", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback", {
  parameters: ["start"],
  needs: [ROLLBACK],
});
export const VM_DELETE: Endpoint<"/nodes/{node}/qemu/{vmid}", "purge"> = writes(
  "DELETE",
  "/nodes/{node}/qemu/{vmid}",
  { parameters: ["purge"], needs: [ALLOCATE] },
);
export const VM_CLONE: Endpoint<
  "/nodes/{node}/qemu/{vmid}/clone",
  "newid" | "name" | "description" | "full" | "snapname" | "storage" | "target" | "pool"
> = writes("POST", "/nodes/{node}/qemu/{vmid}/clone", {
  parameters: ["newid", "name", "description", "full", "snapname", "storage", "target", "pool"],
  needs: [
    need("/vms/{vmid}", "VM.Clone"),
    need("/vms/{newid}", "VM.Allocate"),
    ALLOCATE_SPACE,
    USE_BRIDGE,
  ],
});
export const VM_CREATE: Endpoint<"/nodes/{node}/qemu", VmSetting> = writes(
  "POST",
  "/nodes/{node}/qemu",
  {
    parameters: [
      "vmid",
      "name",
      "description",
      "cores",
      "sockets",
      "memory",
      "ostype",
      "scsihw",
      "scsi0",
      "ide2",
      "net0",
      "agent",
      "onboot",
      "pool",
    ],
    needs: [
      ALLOCATE,
      ...CONFIGURE("CDROM", "CPU", "Disk", "HWType", "Memory", "Network", "Options"),
      ALLOCATE_SPACE,
      USE_BRIDGE,
    ],
  },
);

type VmSetting =
  | "vmid"
  | "name"
  | "description"
  | "cores"
  | "sockets"
  | "memory"
  | "ostype"
  | "scsihw"
  | "scsi0"
  | "ide2"
  | "net0"
  | "agent"
  | "onboot"
  | "pool";

export const CONTAINER_START: Endpoint<"/nodes/{node}/lxc/{vmid}/status/start"> = writes(
  "POST",
  "/nodes/{node}/lxc/{vmid}/status/start",
  { needs: [POWER] },
);
export const CONTAINER_STOP: Endpoint<"/nodes/{node}/lxc/{vmid}/status/stop"> = writes(
  "POST",
  "/nodes/{node}/lxc/{vmid}/status/stop",
  { needs: [POWER] },
);
export const CONTAINER_SHUTDOWN: Endpoint<"/nodes/{node}/lxc/{vmid}/status/shutdown"> = writes(
  "POST",
  "/nodes/{node}/lxc/{vmid}/status/shutdown",
  { needs: [POWER] },
);
export const CONTAINER_REBOOT: Endpoint<"/nodes/{node}/lxc/{vmid}/status/reboot"> = writes(
  "POST",
  "/nodes/{node}/lxc/{vmid}/status/reboot",
  { needs: [POWER] },
);
export const CONTAINER_SNAPSHOT_CREATE: Endpoint<
  "/nodes/{node}/lxc/{vmid}/snapshot",
  "snapname" | "description"
> = writes("POST", "/nodes/{node}/lxc/{vmid}/snapshot", {
  parameters: ["snapname", "description"],
  needs: [SNAPSHOT],
});
export const CONTAINER_SNAPSHOT_DELETE: Endpoint<"/nodes/{node}/lxc/{vmid}/snapshot/{snapname}"> =
  writes("DELETE", "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}", { needs: [SNAPSHOT] });
export const CONTAINER_SNAPSHOT_ROLLBACK: Endpoint<
  "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback",
  "start"
> = writes("POST", "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback", {
  parameters: ["start"],
  needs: [ROLLBACK],
});
export const CONTAINER_DELETE: Endpoint<"/nodes/{node}/lxc/{vmid}", "purge"> = writes(
  "DELETE",
  "/nodes/{node}/lxc/{vmid}",
  { parameters: ["purge"], needs: [ALLOCATE] },
);
export const CONTAINER_CREATE: Endpoint<"/nodes/{node}/lxc", ContainerSetting> = writes(
  "POST",
  "/nodes/{node}/lxc",
  {
    parameters: [
      "vmid",
      "ostemplate",
      "hostname",
      "description",
      "cores",
      "memory",
      "swap",
      "rootfs",
      "net0",
      "unprivileged",
      "features",
      "ssh-public-keys",
      "onboot",
      "pool",
    ],
    needs: [
      ALLOCATE,
      ...CONFIGURE("CPU", "Disk", "Memory", "Network", "Options"),
      ALLOCATE_SPACE,
      USE_BRIDGE,
    ],
  },
);

type ContainerSetting =
  | "vmid"
  | "ostemplate"
  | "hostname"
  | "description"
  | "cores"
  | "memory"
  | "swap"
  | "rootfs"
  | "net0"
  | "unprivileged"
  | "features"
  | "ssh-public-keys"
  | "onboot"
  | "pool";
