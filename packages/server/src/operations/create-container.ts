/** Making a new container. */
import { CONTAINER_CREATE } from "../proxmox/endpoints.ts";
import { clusterResources } from "../proxmox/resources.ts";
import { freeId, requireNode, requireStorage, requireVolume } from "./cluster-now.ts";
import { tagOf } from "./create-vm.ts";
import type { Look } from "./look.ts";
import { type Plan, planned } from "./plan.ts";

/** The container that is wanted. No text in it holds a comma: Proxmox splits options at these. */
export interface ContainerQuestion {
  readonly node: string;
  readonly vmid?: number | undefined;
  readonly hostname: string;
  readonly template: string;
  readonly description?: string | undefined;
  readonly cores: number;
  readonly memory_mib: number;
  readonly swap_mib: number;
  readonly storage: string;
  readonly disk_gib: number;
  readonly bridge: string;
  readonly vlan?: number | undefined;
  /** `dhcp`, or an address with the length of its prefix. */
  readonly ip: string;
  readonly gateway?: string | undefined;
  readonly unprivileged: boolean;
  readonly nesting: boolean;
  readonly ssh_public_keys: readonly string[];
  readonly start_at_boot: boolean;
  readonly pool?: string | undefined;
}

/** @throws ProxmoxMcpError PROXMOX_INVALID, GUEST_STATE where it cannot be made like this. */
export async function planCreateContainer(look: Look, wanted: ContainerQuestion): Promise<Plan> {
  const { node, hostname, storage, disk_gib: gibibytes, template, ssh_public_keys: keys } = wanted;
  const resources = await clusterResources(look.api, { signal: look.signal });
  requireNode(resources, node);
  const notes = requireStorage(resources, { node, storage, content: "rootdir", gibibytes });
  await requireVolume(look, { node, volume: template, content: "vztmpl" });
  const vmid = await freeId(look, wanted.vmid);
  const call = planned(CONTAINER_CREATE, {
    values: { node },
    parameters: {
      vmid,
      ostemplate: template,
      hostname,
      description: wanted.description,
      cores: wanted.cores,
      memory: wanted.memory_mib,
      swap: wanted.swap_mib,
      rootfs: `${storage}:${gibibytes}`,
      net0: networkOf(wanted),
      unprivileged: wanted.unprivileged,
      features: wanted.nesting ? "nesting=1" : undefined,
      "ssh-public-keys": keys.length === 0 ? undefined : keys.join("\n"),
      onboot: wanted.start_at_boot ? true : undefined,
      pool: wanted.pool,
    },
  });
  const target = { type: "lxc", vmid, name: hostname, node } as const;
  const closed = "without a key nobody can log in over the network: root has no password";
  return { target, call, notes: keys.length === 0 ? [...notes, closed] : notes };
}

function networkOf({ bridge, vlan, ip, gateway }: ContainerQuestion): string {
  const route = gateway === undefined ? "" : `,gw=${gateway}`;
  return `name=eth0,bridge=${bridge},ip=${ip}${route}${tagOf(vlan)}`;
}
