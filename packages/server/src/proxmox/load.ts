/** How much is used of how much there is, as all lists of Proxmox tell it. */
import type { z } from "zod";
import { maybe, number } from "./parse.ts";

/** Bytes; `cpu` is a fraction of `maxcpu` processors; `uptime` in seconds. */
export interface Load {
  readonly cpu?: number | undefined;
  readonly maxcpu?: number | undefined;
  readonly mem?: number | undefined;
  readonly maxmem?: number | undefined;
  readonly disk?: number | undefined;
  readonly maxdisk?: number | undefined;
  readonly uptime?: number | undefined;
}

/** The parts of an entry that has a load. */
export const load: Readonly<Record<keyof Load, z.ZodType<number | undefined>>> = {
  cpu: maybe(number),
  maxcpu: maybe(number),
  mem: maybe(number),
  maxmem: maybe(number),
  disk: maybe(number),
  maxdisk: maybe(number),
  uptime: maybe(number),
};
