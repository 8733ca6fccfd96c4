import type { GuestConfig } from "../../proxmox/guest.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { drivesOf } from "./drives.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";
import { numbered } from "./options.ts";

/** The boot order names only what is not there, or there is nothing to boot from. */
export const NO_BOOT_DEVICE: Rule<GuestFacts> = guestRule({
  id: "guest.no-boot-device",
  title: "The virtual machine has nothing to boot from",
  severity: "critical",
  threshold: null,
  remedy:
    "see what it has (`qm config {vmid}` on {node}), then name one that is there: `qm set {vmid} --boot order=scsi0`",
  needs: ["config"],
  check: ({ guest, config }) => {
    if (guest.type !== "qemu" || canBoot(config)) return [];
    const boot = config["boot"] ?? null;
    return found(guest, `${guestName(guest)} has nothing to boot from`, {
      boot,
      devices: bootable(config).join(", "),
    });
  },
});

function canBoot(config: GuestConfig): boolean {
  const devices = bootable(config);
  const order = /(?:^|,)order=([^,]*)/.exec(String(config["boot"] ?? ""))?.[1];
  // Without an order, and in the older form (`cdn`), whatever is there is tried.
  if (order === undefined) return devices.length > 0;
  return order.split(";").some((device) => devices.includes(device));
}

function bootable(config: GuestConfig): readonly string[] {
  const drives = drivesOf(config)
    .filter(({ slot, volume }) => volume !== "none" && !/^(?:efidisk|tpmstate)/.test(slot))
    .map(({ slot }) => slot);
  const others = ["net", "hostpci", "usb"].flatMap((device) => numbered(config, device));
  return [...drives, ...others.map(([device]) => device)];
}
