/** What get_vm_config and get_container_config are: the configuration of one guest, less secrets. */
import { z } from "zod";
import { KIND, readGuest, targetOf } from "../guests/find-guest.ts";
import { redactOptions } from "../guests/redact.ts";
import { CLUSTER_RESOURCES } from "../proxmox/endpoints.ts";
import { GUEST_CONFIG, type GuestType, guestConfig } from "../proxmox/guest.ts";
import { NODE_OF_GUEST, VMID } from "./arguments.ts";
import { known, wording } from "./fields.ts";
import { lines } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";

/** The configuration of a guest of one type. */
export interface GuestSettings extends Pick<Tool, "name" | "title" | "description"> {
  readonly type: GuestType;
}

/** A tool that shows the configuration of a guest. */
export function guestConfigTool({ name, title, description, type }: GuestSettings): Tool {
  return defineTool({
    name,
    title,
    description,
    mode: "read-only",
    effect: "read",
    recorded: ["vmid", "node"],
    calls: [CLUSTER_RESOURCES, GUEST_CONFIG[type]],
    input: z.strictObject({ vmid: VMID, node: NODE_OF_GUEST }),
    output: z.object({
      vmid: z.int(),
      name: wording("null for a guest without a name"),
      node: z.string().describe("Where it is now, whatever node was asked for"),
      config: z
        .record(z.string(), z.union([z.string(), z.number()]))
        .describe("Option and value as Proxmox writes them, as in memory (MiB) or scsi0"),
      redacted: z.array(z.string()).describe("Options of which a secret is not shown"),
    }),
    async run({ vmid }, { api, signal, about }) {
      const { guest, answer } = await readGuest(api, { type, vmid, signal }, ({ node }) =>
        guestConfig(api, { type, node, vmid, signal }),
      );
      about(targetOf(guest));
      const { options, redacted } = redactOptions(answer);
      return {
        vmid,
        name: known(guest.name),
        node: guest.node,
        config: options,
        redacted: [...redacted],
      };
    },
    text: ({ vmid, name: guestName, node, config }) =>
      lines([
        [KIND[type], `${vmid} (${guestName ?? "unnamed"}) on ${node}`],
        ...Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)),
      ]),
  });
}
