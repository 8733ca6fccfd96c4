import type { Rule } from "../rule.ts";
import { fullness } from "../space.ts";
import { aboutGuest, guestName, guestSubject } from "../subject.ts";
import { type GuestFacts, guestRule } from "./facts.ts";

const THRESHOLD = { root_filesystem_fraction: 0.9 } as const;

/** Proxmox sees into containers alone. */
export const ROOT_FILESYSTEM_FULL: Rule<GuestFacts> = guestRule({
  id: "guest.root-filesystem-full",
  title: "A container's root filesystem is nearly full",
  severity: "warning",
  threshold: THRESHOLD,
  remedy: "free space inside, or make it larger on {node}: `pct resize {vmid} rootfs +4G`",
  check: ({ guest }) =>
    guest.type === "lxc"
      ? fullness(
          {
            subject: guestSubject(guest),
            name: guestName(guest),
            of: "root filesystem",
            used: guest.disk,
            total: guest.maxdisk,
            about: aboutGuest(guest),
          },
          { from: THRESHOLD.root_filesystem_fraction },
        )
      : [],
});
