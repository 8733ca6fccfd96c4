/** What get_vm_status and get_container_status are: the state of one guest, of one type each. */
import { z } from "zod";
import { KIND, readGuest, targetOf } from "../guests/find-guest.ts";
import { CLUSTER_RESOURCES } from "../proxmox/endpoints.ts";
import { GUEST_STATUS, type GuestType, guestStatus } from "../proxmox/guest.ts";
import { NODE_OF_GUEST, VMID } from "./arguments.ts";
import { amount, known, wording } from "./fields.ts";
import { tagsOf } from "./guest-list.ts";
import { lines } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";
import { bytes, duration, percent } from "./units.ts";

/** The state of a guest of one type. */
export interface GuestState extends Pick<Tool, "name" | "title" | "description"> {
  readonly type: GuestType;
}

const output = z.object({
  vmid: z.int(),
  name: wording("null for a guest without a name"),
  node: z.string().describe("Where it is now, whatever node was asked for"),
  status: z.string().describe("running or stopped"),
  detail: wording("Of a virtual machine, finer than status: as in paused"),
  template: z.boolean(),
  cpu_fraction: amount("Load of its processors, 0 to 1"),
  cpus: amount(),
  memory_used_bytes: amount(),
  memory_total_bytes: amount(),
  disk_used_bytes: amount("Of a container; Proxmox does not know it of a virtual machine"),
  disk_total_bytes: amount(),
  disk_read_bytes: amount("Since it was started"),
  disk_written_bytes: amount("Since it was started"),
  network_in_bytes: amount("Since it was started"),
  network_out_bytes: amount("Since it was started"),
  uptime_seconds: amount(),
  agent_enabled: z
    .boolean()
    .nullable()
    .describe("Of a virtual machine: whether its configuration has the guest agent on"),
  ha_managed: z.boolean().describe("Whether high availability manages it"),
  ha_state: wording("State under high availability"),
  tags: z.array(z.string()),
  lock: wording("What holds it now, as in backup or migrate"),
});

/** A tool that shows the state of a guest. */
export function guestStatusTool({ name, title, description, type }: GuestState): Tool {
  return defineTool({
    name,
    title,
    description,
    mode: "read-only",
    effect: "read",
    recorded: ["vmid", "node"],
    calls: [CLUSTER_RESOURCES, GUEST_STATUS[type]],
    input: z.strictObject({ vmid: VMID, node: NODE_OF_GUEST }),
    output,
    async run({ vmid }, { api, signal, about }) {
      const { guest, answer } = await readGuest(api, { type, vmid, signal }, ({ node }) =>
        guestStatus(api, { type, node, vmid, signal }),
      );
      about(targetOf(guest));
      return {
        vmid,
        name: known(answer.name ?? guest.name),
        node: guest.node,
        status: answer.status,
        detail: known(answer.qmpstatus),
        template: answer.template ?? guest.template,
        cpu_fraction: known(answer.cpu),
        cpus: known(answer.cpus),
        memory_used_bytes: known(answer.mem),
        memory_total_bytes: known(answer.maxmem),
        disk_used_bytes: type === "qemu" ? null : known(answer.disk),
        disk_total_bytes: known(answer.maxdisk),
        disk_read_bytes: known(answer.diskread),
        disk_written_bytes: known(answer.diskwrite),
        network_in_bytes: known(answer.netin),
        network_out_bytes: known(answer.netout),
        uptime_seconds: known(answer.uptime),
        agent_enabled: type === "qemu" ? (answer.agent ?? false) : null,
        ha_managed: answer.ha?.managed ?? false,
        ha_state: known(answer.ha?.state),
        tags: tagsOf(answer.tags),
        lock: known(answer.lock),
      };
    },
    text: (guest) =>
      lines([
        [KIND[type], `${guest.vmid} (${guest.name ?? "unnamed"}) on ${guest.node}`],
        ["Status", statusText(guest)],
        ["Uptime", duration(guest.uptime_seconds)],
        ["CPU", `${percent(guest.cpu_fraction)} of ${guest.cpus ?? "-"}`],
        ["Memory", `${bytes(guest.memory_used_bytes)} of ${bytes(guest.memory_total_bytes)}`],
        ["Disk", bytes(guest.disk_total_bytes)],
        ["Network", `${bytes(guest.network_in_bytes)} in, ${bytes(guest.network_out_bytes)} out`],
        ["High availability", guest.ha_managed ? (guest.ha_state ?? "managed") : "not managed"],
        ["Tags", guest.tags.join(", ")],
        ["Lock", guest.lock],
      ]),
  });
}

function statusText({ status, detail, template }: z.output<typeof output>): string {
  const finer = detail === null || detail === status ? "" : ` (${detail})`;
  return `${status}${finer}${template ? ", a template" : ""}`;
}
