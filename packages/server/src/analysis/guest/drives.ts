/** Drives in a guest's configuration, as in `scsi0: local-lvm:vm-100-disk-0,size=32G`. */
import type { GuestConfig } from "../../proxmox/guest.ts";

/** A place for a disk or a CD, and what is in it. */
export interface Drive {
  /** As in `scsi0`, `rootfs` or `mp0`. */
  readonly slot: string;
  /** As in `local:iso/debian.iso`, `none`, or a path of the node. */
  readonly volume: string;
  /** `undefined` for an empty drive and for a path of the node. */
  readonly storage: string | undefined;
  readonly isCd: boolean;
}

const SLOT = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|mp)\d+$|^rootfs$/;

/** All drives, in the order of their names. */
export function drivesOf(config: GuestConfig): readonly Drive[] {
  return Object.entries(config)
    .filter(([option]) => SLOT.test(option))
    .map(([slot, value]) => driveFrom(slot, String(value)))
    .sort((a, b) => (a.slot < b.slot ? -1 : 1));
}

/** Those that hold data: neither CDs nor empty. */
export function disksOf(config: GuestConfig): readonly Drive[] {
  return drivesOf(config).filter(({ isCd, volume }) => !isCd && volume !== "none");
}

function driveFrom(slot: string, value: string): Drive {
  const [first = "", ...options] = value.split(",");
  const volume = first.replace(/^(?:file|volume)=/, "");
  const colon = volume.indexOf(":");
  return {
    slot,
    volume,
    storage: volume.startsWith("/") || colon <= 0 ? undefined : volume.slice(0, colon),
    isCd: options.includes("media=cdrom"),
  };
}
