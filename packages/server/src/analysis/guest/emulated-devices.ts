import type { GuestConfig } from "../../proxmox/guest.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { disksOf } from "./drives.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";
import { numbered } from "./options.ts";

/** Devices that exist in software alone cost processor time; those of VirtIO know that. */
export const EMULATED_DEVICES: Rule<GuestFacts> = guestRule({
  id: "guest.emulated-devices",
  title: "The virtual machine uses emulated disks or network cards",
  severity: "info",
  threshold: null,
  remedy:
    "once the drivers are inside (Linux has them; Windows: virtio-win), stop it and change them: disks to scsi with `qm set {vmid} --scsihw virtio-scsi-single`, network cards by `qm set {vmid} --net0 virtio=MAC,bridge=BRIDGE` with the MAC and bridge that they have",
  needs: ["config"],
  check: ({ guest, config }) => {
    const devices = guest.type === "qemu" ? emulated(config) : [];
    return devices.length === 0
      ? []
      : found(guest, `${guestName(guest)} uses emulated devices: ${devices.join(", ")}`, {
          devices: devices.join(", "),
        });
  },
});

function emulated(config: GuestConfig): readonly string[] {
  const hasVirtioScsi = String(config["scsihw"] ?? "lsi").startsWith("virtio");
  const disks = disksOf(config)
    .map(({ slot }) => slot)
    .filter((slot) => /^(?:ide|sata)/.test(slot) || (/^scsi/.test(slot) && !hasVirtioScsi));
  const cards = numbered(config, "net")
    .filter(([, value]) => /^(?:model=)?(?:e1000|rtl8139|ne2k|pcnet|i8255|vmxnet3)/.test(value))
    .map(([slot]) => slot);
  return [...disks, ...cards];
}
