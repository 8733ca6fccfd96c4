/** `get_vm_snapshots`: the snapshots of one virtual machine. */
import { z } from "zod";
import { readGuest } from "../../src/guests/find-guest.ts";
import { CLUSTER_RESOURCES, VM_SNAPSHOTS } from "../../src/proxmox/endpoints.ts";
import { guestSnapshots } from "../../src/proxmox/guest.ts";
import { NODE_OF_GUEST, VMID } from "../../src/tools/arguments.ts";
import { UNREADABLE, wording } from "../../src/tools/fields.ts";
import { table } from "../../src/tools/table.ts";
import { defineTool, type Tool } from "../../src/tools/tool.ts";
import { isoTime } from "../../src/tools/units.ts";

export const getVmSnapshots: Tool = defineTool({
  name: "get_vm_snapshots",
  title: "Snapshots of a virtual machine",
  description: "Lists the snapshots of a virtual machine by name, with the time of each.",
  mode: "read-only",
  effect: "read",
  recorded: [],
  calls: [CLUSTER_RESOURCES, VM_SNAPSHOTS],
  input: z.strictObject({ vmid: VMID, node: NODE_OF_GUEST }),
  output: z.object({
    vmid: z.int(),
    node: z.string().describe("Where it is now, whatever node was asked for"),
    snapshots: z.array(z.object({ name: z.string(), taken_at: wording("ISO 8601, UTC") })),
    unreadable: UNREADABLE,
  }),
  async run({ vmid }, { api, signal }) {
    const question = { type: "qemu", vmid, signal } as const;
    const { guest, answer } = await readGuest(api, question, ({ node }) =>
      guestSnapshots(api, { ...question, node }),
    );
    const snapshots = answer.items.map(({ name, snaptime }) => ({
      name,
      taken_at: isoTime(snaptime),
    }));
    return { vmid, node: guest.node, snapshots, unreadable: answer.unreadable };
  },
  text: ({ snapshots }) =>
    table(
      ["NAME", "TAKEN"],
      snapshots.map(({ name, taken_at }) => [name, taken_at]),
    ),
});
