/** `list_storage_content`: what lies on a storage. */
import { z } from "zod";
import { STORAGE_CONTENT } from "../proxmox/endpoints.ts";
import { storageContent } from "../proxmox/storage.ts";
import { NODE, oneOf, STORAGE, VMID } from "./arguments.ts";
import { amount, footnotes, known, UNREADABLE, wording } from "./fields.ts";
import { hasPart, namePart, PAGE_ARGUMENTS, PAGE_FIELDS, pageOf } from "./page.ts";
import { table } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";
import { bytes, isoTime } from "./units.ts";

const volume = z.object({
  volume: z.string().describe("Its id, as in local:iso/debian-13.iso"),
  content: z.string().describe("images, rootdir, backup, iso, vztmpl, snippets or import"),
  format: wording("As in raw, qcow2 or iso"),
  size_bytes: amount(),
  vmid: amount("The guest that it belongs to"),
  created_at: wording("ISO 8601, UTC"),
  protected: z.boolean().nullable().describe("Of a backup: whether pruning spares it"),
});

export const listStorageContent: Tool = defineTool({
  name: "list_storage_content",
  title: "List what is on a storage",
  description:
    "Lists the volumes on a storage as a node sees it: disks, backups, ISO images, templates. " +
    "Filter by kind of content, name and guest; long lists come in pages.",
  mode: "read-only",
  effect: "read",
  recorded: ["node", "storage", "content", "name", "vmid"],
  calls: [STORAGE_CONTENT],
  input: z.strictObject({
    node: NODE,
    storage: STORAGE,
    content: oneOf(["images", "rootdir", "backup", "iso", "vztmpl", "snippets", "import"])
      .optional()
      .describe("Only volumes of this kind"),
    name: namePart("Only volumes with this in their id"),
    vmid: VMID.optional().describe("Only volumes of this guest"),
    ...PAGE_ARGUMENTS,
  }),
  output: z.object({ volumes: z.array(volume), ...PAGE_FIELDS, unreadable: UNREADABLE }),
  async run({ node, storage, content, name, vmid, ...page }, { api, signal }) {
    const found = await storageContent(api, { node, storage, content, vmid, signal });
    const wanted = found.items.filter(({ volid }) => hasPart(volid, name));
    const { items, ...rest } = pageOf(wanted, page, "list_storage_content", ({ volid }) => volid);
    return {
      volumes: items.map((item) => ({
        volume: item.volid,
        content: item.content,
        format: known(item.format),
        size_bytes: known(item.size),
        vmid: known(item.vmid),
        created_at: isoTime(item.ctime),
        protected: known(item.protected),
      })),
      ...rest,
      unreadable: found.unreadable,
    };
  },
  text: ({ volumes, ...notes }) =>
    table(
      ["VOLUME", "CONTENT", "FORMAT", "SIZE", "GUEST", "CREATED"],
      volumes.map((item) => [
        item.volume,
        item.content,
        item.format,
        bytes(item.size_bytes),
        item.vmid,
        item.created_at,
      ]),
    ) + footnotes({ ...notes, shown: volumes.length }),
});
