/** What virtual machines and containers have in common. */
import { z } from "zod";
import { flag, type Listed, maybe, number, text } from "./parse.ts";

/** Which guest is meant, and where it is. */
export interface OfGuest {
  readonly node: string;
  readonly vmid: number;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes, also since the start for `net*` and `disk*`; `uptime` in seconds. */
export interface GuestStatus {
  /** `running` or `stopped`. */
  readonly status: string;
  readonly vmid?: number | undefined;
  readonly name?: string | undefined;
  /** A fraction of `cpus` processors. */
  readonly cpu?: number | undefined;
  readonly cpus?: number | undefined;
  readonly mem?: number | undefined;
  readonly maxmem?: number | undefined;
  readonly disk?: number | undefined;
  readonly maxdisk?: number | undefined;
  readonly diskread?: number | undefined;
  readonly diskwrite?: number | undefined;
  readonly netin?: number | undefined;
  readonly netout?: number | undefined;
  readonly uptime?: number | undefined;
  readonly pid?: number | undefined;
  readonly template?: boolean | undefined;
  readonly tags?: string | undefined;
  /** What holds it now, as in `backup` or `migrate`. */
  readonly lock?: string | undefined;
  readonly ha?: { readonly managed: boolean; readonly state?: string | undefined } | undefined;
}

/** The parts of a status that both kinds have. */
export const guestStatusParts: {
  readonly [Name in keyof GuestStatus]-?: z.ZodType<GuestStatus[Name]>;
} = {
  status: text,
  vmid: maybe(number),
  name: maybe(text),
  cpu: maybe(number),
  cpus: maybe(number),
  mem: maybe(number),
  maxmem: maybe(number),
  disk: maybe(number),
  maxdisk: maybe(number),
  diskread: maybe(number),
  diskwrite: maybe(number),
  netin: maybe(number),
  netout: maybe(number),
  uptime: maybe(number),
  pid: maybe(number),
  template: maybe(flag),
  tags: maybe(text),
  lock: maybe(text),
  ha: maybe(
    z.object({
      managed: maybe(flag).transform((managed) => managed ?? false),
      state: maybe(text),
    }),
  ),
};

/** A guest's configuration: option -> value, as Proxmox writes it. */
export type GuestConfig = Readonly<Record<string, string | number>>;

export const guestConfig: z.ZodType<GuestConfig> = z
  .record(z.string(), z.unknown())
  .transform((options) => Object.fromEntries(Object.entries(options).filter(isPlainOption)));

// Of an LXC configuration, `lxc` is a list of raw lines that no option stands for.
function isPlainOption(option: [string, unknown]): option is [string, string | number] {
  return typeof option[1] === "string" || typeof option[1] === "number";
}

export interface Snapshot {
  readonly name: string;
  readonly description?: string | undefined;
  /** Seconds since 1970. */
  readonly snaptime?: number | undefined;
  readonly parent?: string | undefined;
  /** Whether it holds the memory too. */
  readonly vmstate: boolean;
}

export const snapshot: z.ZodType<Snapshot> = z.object({
  name: text,
  description: maybe(text),
  snaptime: maybe(number),
  parent: maybe(text),
  vmstate: maybe(flag).transform((vmstate) => vmstate ?? false),
});

/** Less the entry `current`, which is no snapshot but the running state. */
export function withoutCurrent({ items, unreadable }: Listed<Snapshot>): Listed<Snapshot> {
  return { items: items.filter(({ name }) => name !== "current"), unreadable };
}

/** How far back recorded load goes, and so how fine it is. */
export type Timeframe = "hour" | "day" | "week" | "month" | "year";

/** What an interval's samples were made into. */
export type Consolidation = "AVERAGE" | "MAX";

export interface OfLoad extends OfGuest {
  readonly timeframe: Timeframe;
  readonly cf?: Consolidation | undefined;
}

/** Load of one interval: bytes, bytes per second for `net*`, `diskread` and `diskwrite`. */
export interface LoadPoint {
  /** Seconds since 1970. */
  readonly time: number;
  /** A fraction of `maxcpu` processors. Nothing here means that it did not run. */
  readonly cpu?: number | undefined;
  readonly maxcpu?: number | undefined;
  readonly mem?: number | undefined;
  readonly maxmem?: number | undefined;
  readonly disk?: number | undefined;
  readonly maxdisk?: number | undefined;
  readonly netin?: number | undefined;
  readonly netout?: number | undefined;
  readonly diskread?: number | undefined;
  readonly diskwrite?: number | undefined;
}

export const loadPoint: z.ZodType<LoadPoint> = z.object({
  time: number,
  cpu: maybe(number),
  maxcpu: maybe(number),
  mem: maybe(number),
  maxmem: maybe(number),
  disk: maybe(number),
  maxdisk: maybe(number),
  netin: maybe(number),
  netout: maybe(number),
  diskread: maybe(number),
  diskwrite: maybe(number),
});
