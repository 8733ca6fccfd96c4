import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";
import { numbered } from "./options.ts";

/** A device of one node. What is mapped by name may exist on several. */
export const DEVICE_BLOCKS_MIGRATION: Rule<GuestFacts> = guestRule({
  id: "guest.device-blocks-migration",
  title: "A device of its node keeps the virtual machine there",
  severity: "info",
  threshold: null,
  remedy:
    "take it out if it is not needed: `qm set {vmid} --delete {slot}`; or map the devices of several nodes under one name (Datacenter, Resource Mappings) and use that",
  needs: ["config"],
  check: ({ guest, config, nodes }) => {
    if (guest.type !== "qemu" || nodes.length < 2) return [];
    const devices = [...numbered(config, "hostpci"), ...numbered(config, "usb")];
    return devices
      .filter(([, value]) => !value.includes("mapping=") && !/^(?:host=)?spice/.test(value))
      .flatMap(([slot, device]) =>
        found(
          guest,
          `${guestName(guest)} uses a device of node ${guest.node}: ${slot}`,
          { slot, device },
          { slot },
        ),
      );
  },
});
