/** `list_snapshots`: the snapshots of a guest. */
import { z } from "zod";
import { KIND } from "../guests/find-guest.ts";
import { lookAtSnapshots } from "../operations/snapshots.ts";
import { NODE_OF_GUEST, VMID } from "./arguments.ts";
import { known, wording } from "./fields.ts";
import { SNAPSHOT_READS } from "./snapshot-tool.ts";
import { lines, table } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";
import { isoTime } from "./units.ts";

const snapshot = z.object({
  name: z.string(),
  taken_at: wording("ISO 8601, UTC"),
  description: wording("Notes of people, less what looks like a password"),
  parent: wording("The snapshot before it"),
  with_memory: z.boolean().describe("Whether it holds the memory of the machine as well"),
});

export const listSnapshots: Tool = defineTool({
  name: "list_snapshots",
  title: "List the snapshots of a guest",
  description:
    "Lists the snapshots of a virtual machine or a container, the oldest first: what " +
    "rollback_snapshot can go back to.",
  mode: "operate",
  effect: "read",
  recorded: ["vmid", "node"],
  calls: SNAPSHOT_READS,
  input: z.strictObject({ vmid: VMID, node: NODE_OF_GUEST }),
  output: z.object({
    kind: z.enum(["VM", "container"]),
    vmid: z.int(),
    name: wording("null for a guest without a name"),
    node: z.string().describe("Where it is now"),
    snapshots: z.array(snapshot),
  }),
  async run({ vmid }, context) {
    const { guest, snapshots } = await lookAtSnapshots(context, vmid);
    const sorted = snapshots.toSorted((a, b) => (a.snaptime ?? 0) - (b.snaptime ?? 0));
    return {
      kind: KIND[guest.type],
      vmid,
      name: known(guest.name),
      node: guest.node,
      snapshots: sorted.map((item) => ({
        name: item.name,
        taken_at: isoTime(item.snaptime),
        description: known(item.description?.trim() || undefined),
        parent: known(item.parent),
        with_memory: item.vmstate ?? false,
      })),
    };
  },
  text: ({ kind, vmid, name, node, snapshots }) =>
    [
      lines([[kind, `${vmid} (${name ?? "unnamed"}) on ${node}`]]),
      table(
        ["SNAPSHOT", "TAKEN", "PARENT", "DESCRIPTION"],
        snapshots.map((item) => [item.name, item.taken_at, item.parent, item.description]),
      ),
    ].join("\n"),
});
