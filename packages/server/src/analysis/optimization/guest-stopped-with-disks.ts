import { gibibytes } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type OptimizationFacts, optimizationRule } from "./facts.ts";

const THRESHOLD = { disk_bytes: 1024 ** 3 } as const;

/** Proxmox does not say for how long it has been stopped. */
export const GUEST_STOPPED_WITH_DISKS: Rule<OptimizationFacts> = optimizationRule({
  id: "guest.stopped-with-disks",
  title: "A guest that does not run holds disks of 1 GiB or more",
  severity: "info",
  threshold: THRESHOLD,
  remedy:
    "ask its owner; if nobody needs it: keep a backup (`vzdump {vmid} --storage STORAGE` on {node}), then `{command} destroy {vmid} --purge 1`, which cannot be undone",
  needs: ["guests"],
  check: ({ guests }) =>
    guests
      .filter(
        ({ status, template, maxdisk }) =>
          status === "stopped" && !template && (maxdisk ?? 0) >= THRESHOLD.disk_bytes,
      )
      .map((guest) =>
        found(guest, `${guestName(guest)} is stopped and holds ${gibibytes(guest.maxdisk ?? 0)}`, {
          status: guest.status,
          disk_bytes: guest.maxdisk ?? null,
        }),
      ),
});
