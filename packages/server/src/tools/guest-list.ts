/** What get_vms and get_containers are: one list of guests, of one type each. */
import { z } from "zod";
import { CLUSTER_RESOURCES } from "../proxmox/endpoints.ts";
import type { GuestType } from "../proxmox/guest.ts";
import { clusterResources, type GuestResource } from "../proxmox/resources.ts";
import { NODE, text } from "./arguments.ts";
import {
  amount,
  footnotes,
  known,
  UNREACHABLE_NODES,
  UNREADABLE,
  unreachable,
  wording,
} from "./fields.ts";
import { hasPart, namePart, PAGE_ARGUMENTS, PAGE_FIELDS, pageOf } from "./page.ts";
import { table } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";
import { bytes, duration, percent } from "./units.ts";

/** The list of one type of guests. */
export interface GuestList extends Pick<Tool, "name" | "title" | "description"> {
  readonly type: GuestType;
}

const guest = z.object({
  vmid: z.int(),
  name: wording("null for a guest without a name"),
  node: z.string().describe("Where it is now"),
  status: z.string().describe("running, stopped, paused and so on; unknown where its node is down"),
  template: z.boolean(),
  cpu_fraction: amount("Load of its processors, 0 to 1"),
  cpus: amount(),
  memory_used_bytes: amount(),
  memory_total_bytes: amount(),
  disk_used_bytes: amount("Of a container; Proxmox does not know it of a virtual machine"),
  disk_total_bytes: amount(),
  uptime_seconds: amount(),
  tags: z.array(z.string()),
  pool: wording("Resource pool"),
  ha_state: wording("State under high availability; null where that does not manage it"),
  lock: wording("What holds it now, as in backup or migrate"),
});

/** A tool that lists the guests of one type, filtered and a page at a time. */
export function guestListTool({ name, title, description, type }: GuestList): Tool {
  return defineTool({
    name,
    title,
    description,
    mode: "read-only",
    effect: "read",
    recorded: ["node", "status", "name"],
    calls: [CLUSTER_RESOURCES],
    input: z.strictObject({
      node: NODE.optional().describe("Only those on this node"),
      status: text(/^[a-z-]{1,32}$/, "a status such as running, stopped, paused or unknown")
        .optional()
        .describe("Only those of this status: running, stopped, paused or unknown"),
      name: namePart("Only those with this in their name"),
      ...PAGE_ARGUMENTS,
    }),
    output: z.object({
      guests: z.array(guest),
      ...PAGE_FIELDS,
      unreachable_nodes: UNREACHABLE_NODES,
      unreadable: UNREADABLE,
    }),
    async run({ node, status, name: part, ...page }, { api, signal }) {
      const { guests, nodes, unreadable } = await clusterResources(api, { signal });
      const wanted = guests.filter(
        (item) =>
          item.type === type &&
          (node === undefined || item.node === node) &&
          (status === undefined || item.status === status) &&
          hasPart(item.name, part),
      );
      const { items, ...rest } = pageOf(wanted, page, name, ({ vmid }) => numberKey(vmid));
      return {
        guests: items.map(describe),
        ...rest,
        unreachable_nodes: unreachable(nodes),
        unreadable,
      };
    },
    text: ({ guests, ...notes }) =>
      table(
        ["VMID", "NAME", "NODE", "STATUS", "CPU", "OF", "MEMORY", "OF", "DISK", "UPTIME"],
        guests.map((item) => [
          item.vmid,
          item.name ?? "(unnamed)",
          item.node,
          item.template ? `${item.status}, template` : item.status,
          percent(item.cpu_fraction),
          item.cpus,
          bytes(item.memory_used_bytes),
          bytes(item.memory_total_bytes),
          bytes(item.disk_total_bytes),
          duration(item.uptime_seconds),
        ]),
      ) + footnotes({ ...notes, shown: guests.length }),
  });
}

// Of one length, so that the order of the texts is that of the numbers.
function numberKey(vmid: number): string {
  return String(vmid).padStart(9, "0");
}

function describe(item: GuestResource): z.output<typeof guest> {
  return {
    vmid: item.vmid,
    name: known(item.name),
    node: item.node,
    status: item.status,
    template: item.template,
    cpu_fraction: known(item.cpu),
    cpus: known(item.maxcpu),
    memory_used_bytes: known(item.mem),
    memory_total_bytes: known(item.maxmem),
    disk_used_bytes: item.type === "qemu" ? null : known(item.disk),
    disk_total_bytes: known(item.maxdisk),
    uptime_seconds: known(item.uptime),
    tags: tagsOf(item.tags),
    pool: known(item.pool),
    ha_state: known(item.hastate),
    lock: known(item.lock),
  };
}

/** Tags as Proxmox writes them, apart. */
export function tagsOf(tags: string | undefined): string[] {
  return (tags ?? "").split(/[;,\s]+/).filter((tag) => tag !== "");
}
