/** Making a new virtual machine. */
import { VM_CREATE } from "../proxmox/endpoints.ts";
import { clusterResources } from "../proxmox/resources.ts";
import { freeId, requireNode, requireStorage, requireVolume } from "./cluster-now.ts";
import type { Look } from "./look.ts";
import { type Plan, planned } from "./plan.ts";

/** The machine that is wanted. No text in it holds a comma: Proxmox splits options at these. */
export interface VmQuestion {
  readonly node: string;
  readonly vmid?: number | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly cores: number;
  readonly sockets: number;
  readonly memory_mib: number;
  readonly storage: string;
  readonly disk_gib: number;
  readonly iso?: string | undefined;
  readonly bridge: string;
  readonly vlan?: number | undefined;
  readonly os_type: string;
  readonly guest_agent: boolean;
  readonly start_at_boot: boolean;
  readonly pool?: string | undefined;
}

/** @throws ProxmoxMcpError PROXMOX_INVALID, GUEST_STATE where it cannot be made like this. */
export async function planCreateVm(look: Look, wanted: VmQuestion): Promise<Plan> {
  const { node, name, description, storage, disk_gib: gibibytes, iso, pool } = wanted;
  const resources = await clusterResources(look.api, { signal: look.signal });
  requireNode(resources, node);
  const notes = requireStorage(resources, { node, storage, content: "images", gibibytes });
  if (iso !== undefined) await requireVolume(look, { node, volume: iso, content: "iso" });
  const vmid = await freeId(look, wanted.vmid);
  const call = planned(VM_CREATE, {
    values: { node },
    parameters: {
      vmid,
      name,
      description,
      cores: wanted.cores,
      sockets: wanted.sockets,
      memory: wanted.memory_mib,
      ostype: wanted.os_type,
      scsihw: "virtio-scsi-single",
      scsi0: `${storage}:${gibibytes}`,
      ide2: iso === undefined ? undefined : `${iso},media=cdrom`,
      net0: `virtio,bridge=${wanted.bridge}${tagOf(wanted.vlan)}`,
      agent: wanted.guest_agent ? "1" : undefined,
      onboot: wanted.start_at_boot ? true : undefined,
      pool,
    },
  });
  return { target: { type: "qemu", vmid, name, node }, call, notes };
}

/** The VLAN of a network card, as Proxmox writes it. */
export function tagOf(vlan: number | undefined): string {
  return vlan === undefined ? "" : `,tag=${vlan}`;
}
