/** Arguments of tools that change something. Most words are checked so that they stay one option. */
import { z } from "zod";
import { text, wholeNumber } from "./arguments.ts";

/** A switch that may be left out. */
export function choice(description: string, preset: boolean): z.ZodType<boolean> {
  return z.boolean({ error: "true or false" }).default(preset).describe(description);
}

/** What every operation takes. */
export const OPERATION_ARGUMENTS: {
  readonly dry_run: z.ZodType<boolean>;
  readonly timeout: z.ZodType<number>;
} = {
  dry_run: choice("Whether to change nothing, and to show the call that would be made", false),
  timeout: wholeNumber(1, 3600)
    .default(300)
    .describe("Seconds to wait for the end of the task; after that it goes on by itself"),
};

const CONFIRM_SHAPE = "the name or the id of the guest";

/** Of what removes something for good. */
export const CONFIRM: z.ZodType<string | undefined> = z
  .string({ error: CONFIRM_SHAPE })
  .max(255, CONFIRM_SHAPE)
  .optional()
  .describe("The guest's name as Proxmox has it now, or its id; needed unless dry_run is true");

const SNAPSHOT_SHAPE =
  "2 to 40 letters, digits, hyphens and underscores, a letter first, and neither current nor pending";

/** The name of a snapshot. */
export const SNAPSHOT: z.ZodType<string> = text(
  /^(?!(?:current|pending)$)[A-Za-z][A-Za-z0-9_-]{1,39}$/i,
  SNAPSHOT_SHAPE,
).describe("Name of the snapshot");

/** The name of a guest: Proxmox gives it to the guest as its host name. */
export const GUEST_NAME: z.ZodType<string> = text(
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
  "1 to 63 letters, digits and hyphens, no hyphen first or last",
);

const DESCRIPTION_SHAPE = "a text of 1 to 4096 characters";

/** Notes for people. */
export const DESCRIPTION: z.ZodType<string | undefined> = z
  .string({ error: DESCRIPTION_SHAPE })
  .min(1, DESCRIPTION_SHAPE)
  .max(4096, DESCRIPTION_SHAPE)
  .optional()
  .describe("Notes for people; nothing secret");

/** A resource pool. */
export const POOL: z.ZodType<string | undefined> = text(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){0,2}$/,
  "the name of a resource pool",
)
  .optional()
  .describe("Resource pool to put it into");

/** What a new guest has of its node. */
export const HARDWARE: {
  readonly cores: z.ZodType<number>;
  readonly disk_gib: z.ZodType<number>;
  readonly bridge: z.ZodType<string>;
  readonly vlan: z.ZodType<number | undefined>;
  readonly start_at_boot: z.ZodType<boolean>;
} = {
  cores: wholeNumber(1, 512).default(1).describe("Processor cores"),
  disk_gib: wholeNumber(1, 65_536).describe("Size of its disk in GiB"),
  bridge: text(
    /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/,
    "1 to 15 letters, digits, dots, hyphens and underscores, a letter first",
  )
    .default("vmbr0")
    .describe("Bridge of the node that its network card is on"),
  vlan: wholeNumber(1, 4094).optional().describe("VLAN of its network card"),
  start_at_boot: choice("Whether it starts whenever its node has booted", false),
};

/** The id of a new guest. */
export const NEW_VMID: z.ZodType<number | undefined> = wholeNumber(100, 999_999_999)
  .optional()
  .describe("Id of the new guest; left out, the lowest that is free");

/** A file on a storage, by its id: no comma, no blank. */
export function volume(directory: string, endings: string, shape: string): z.ZodString {
  const storage = "[A-Za-z][A-Za-z0-9._-]{0,98}[A-Za-z0-9]";
  const file = "[A-Za-z0-9][A-Za-z0-9._+~@-]{0,200}";
  return text(new RegExp(`^${storage}:${directory}/${file}\\.(?:${endings})$`), shape);
}
