/**
 * Every endpoint of the Proxmox API that this server knows. Privileges as the API viewer of Proxmox
 * VE 9 names them; where 8 had another name, both stand there.
 */
import { type Endpoint, need, reads, writes } from "./endpoint.ts";

export * from "./operating-endpoints.ts";

const AUDIT_CLUSTER = need("/", "Sys.Audit");
const AUDIT_NODE = need("/nodes/{node}", "Sys.Audit");
const AUDIT_GUEST = need("/vms/{vmid}", "VM.Audit");
export const VERSION: Endpoint<"/version"> = reads("/version");
export const PERMISSIONS: Endpoint<"/access/permissions"> = reads("/access/permissions");

export const CLUSTER_STATUS: Endpoint<"/cluster/status"> = reads("/cluster/status", {
  needs: [AUDIT_CLUSTER],
});
export const CLUSTER_RESOURCES: Endpoint<"/cluster/resources"> = reads("/cluster/resources", {
  filtered: true,
});
export const HA_STATUS: Endpoint<"/cluster/ha/status/current"> = reads(
  "/cluster/ha/status/current",
  { needs: [AUDIT_CLUSTER] },
);
export const NOT_BACKED_UP: Endpoint<"/cluster/backup-info/not-backed-up"> = reads(
  "/cluster/backup-info/not-backed-up",
  { filtered: true },
);
export const CLUSTER_FIREWALL: Endpoint<"/cluster/firewall/options"> = reads(
  "/cluster/firewall/options",
  { needs: [AUDIT_CLUSTER] },
);

export const NODES: Endpoint<"/nodes"> = reads("/nodes", { filtered: true });
export const NODE_STATUS: Endpoint<"/nodes/{node}/status"> = reads("/nodes/{node}/status", {
  needs: [AUDIT_NODE],
});
export const NODE_CERTIFICATES: Endpoint<"/nodes/{node}/certificates/info"> = reads(
  "/nodes/{node}/certificates/info",
);

export const TASKS: Endpoint<"/nodes/{node}/tasks", "vmid" | "limit" | "since"> = reads(
  "/nodes/{node}/tasks",
  {
    parameters: ["vmid", "limit", "since"],
    filtered: true,
  },
);
export const TASK_STATUS: Endpoint<"/nodes/{node}/tasks/{upid}/status"> = reads(
  "/nodes/{node}/tasks/{upid}/status",
  { needs: [AUDIT_NODE] },
);
export const TASK_LOG: Endpoint<"/nodes/{node}/tasks/{upid}/log", "start" | "limit"> = reads(
  "/nodes/{node}/tasks/{upid}/log",
  {
    parameters: ["start", "limit"],
    needs: [AUDIT_NODE],
  },
);

export const STORAGE_CONTENT: Endpoint<
  "/nodes/{node}/storage/{storage}/content",
  "content" | "vmid"
> = reads("/nodes/{node}/storage/{storage}/content", {
  parameters: ["content", "vmid"],
  needs: [need("/storage/{storage}", "Datastore.Audit", "Datastore.AllocateSpace")],
});

export const VM_STATUS: Endpoint<"/nodes/{node}/qemu/{vmid}/status/current"> = reads(
  "/nodes/{node}/qemu/{vmid}/status/current",
  {
    needs: [AUDIT_GUEST],
  },
);
export const VM_CONFIG: Endpoint<"/nodes/{node}/qemu/{vmid}/config"> = reads(
  "/nodes/{node}/qemu/{vmid}/config",
  { needs: [AUDIT_GUEST] },
);
export const VM_SNAPSHOTS: Endpoint<"/nodes/{node}/qemu/{vmid}/snapshot"> = reads(
  "/nodes/{node}/qemu/{vmid}/snapshot",
  { needs: [AUDIT_GUEST] },
);
export const VM_LOAD: Endpoint<"/nodes/{node}/qemu/{vmid}/rrddata", "timeframe" | "cf"> = reads(
  "/nodes/{node}/qemu/{vmid}/rrddata",
  {
    parameters: ["timeframe", "cf"],
    needs: [AUDIT_GUEST],
  },
);
export const AGENT_PING: Endpoint<"/nodes/{node}/qemu/{vmid}/agent/ping"> = writes(
  "POST",
  "/nodes/{node}/qemu/{vmid}/agent/ping",
  {
    needs: [need("/vms/{vmid}", "VM.GuestAgent.Audit", "VM.Monitor")],
  },
);
export const AGENT_EXEC: Endpoint<"/nodes/{node}/qemu/{vmid}/agent/exec", "command"> = writes(
  "POST",
  "/nodes/{node}/qemu/{vmid}/agent/exec",
  {
    parameters: ["command"],
    needs: [need("/vms/{vmid}", "VM.GuestAgent.Unrestricted", "VM.Monitor")],
  },
);
export const AGENT_EXEC_STATUS: Endpoint<"/nodes/{node}/qemu/{vmid}/agent/exec-status", "pid"> =
  reads("/nodes/{node}/qemu/{vmid}/agent/exec-status", {
    parameters: ["pid"],
    needs: [need("/vms/{vmid}", "VM.GuestAgent.Unrestricted", "VM.Monitor")],
  });

export const CONTAINER_STATUS: Endpoint<"/nodes/{node}/lxc/{vmid}/status/current"> = reads(
  "/nodes/{node}/lxc/{vmid}/status/current",
  {
    needs: [AUDIT_GUEST],
  },
);
export const CONTAINER_CONFIG: Endpoint<"/nodes/{node}/lxc/{vmid}/config"> = reads(
  "/nodes/{node}/lxc/{vmid}/config",
  { needs: [AUDIT_GUEST] },
);
export const CONTAINER_SNAPSHOTS: Endpoint<"/nodes/{node}/lxc/{vmid}/snapshot"> = reads(
  "/nodes/{node}/lxc/{vmid}/snapshot",
  {
    needs: [AUDIT_GUEST],
  },
);
export const CONTAINER_LOAD: Endpoint<"/nodes/{node}/lxc/{vmid}/rrddata", "timeframe" | "cf"> =
  reads("/nodes/{node}/lxc/{vmid}/rrddata", {
    parameters: ["timeframe", "cf"],
    needs: [AUDIT_GUEST],
  });

export const USERS: Endpoint<"/access/users", "full"> = reads("/access/users", {
  parameters: ["full"],
  filtered: true,
});
export const ACL: Endpoint<"/access/acl"> = reads("/access/acl", { filtered: true });
export const SECOND_FACTORS: Endpoint<"/access/tfa"> = reads("/access/tfa", { filtered: true });

/** Of the client itself, and of no tool: logging in with a password. */
export const TICKET: Endpoint<"/access/ticket", "username" | "password"> = writes(
  "POST",
  "/access/ticket",
  {
    parameters: ["username", "password"],
  },
);
