/** Asks Proxmox for what better use of resources is judged by. */

import { counted } from "../../counted.ts";
import { readFoundGuest } from "../../guests/find-guest.ts";
import type { Api } from "../../proxmox/api.ts";
import type { Endpoint } from "../../proxmox/endpoint.ts";
import {
  CLUSTER_RESOURCES,
  CONTAINER_LOAD,
  PERMISSIONS,
  VM_LOAD,
} from "../../proxmox/endpoints.ts";
import { GUEST_LOAD, guestLoad } from "../../proxmox/guest.ts";
import { clusterResources, type GuestResource } from "../../proxmox/resources.ts";
import { eachAtOnce } from "../at-once.ts";
import { type Gaps, openGaps } from "../gaps.ts";
import type { Coverage } from "../report.ts";
import { GUESTS, measuresOf, noteHidden, noteUnreadable, STORAGES } from "../visible.ts";
import { candidatesOf, MAX_CANDIDATES } from "./candidates.ts";
import { dayLoad } from "./day-load.ts";
import type { GuestLoad, OptimizationFacts } from "./facts.ts";

/** Every endpoint that is asked. */
export const OPTIMIZATION_CALLS: readonly Endpoint[] = [
  CLUSTER_RESOURCES,
  PERMISSIONS,
  VM_LOAD,
  CONTAINER_LOAD,
];

/** @throws ProxmoxMcpError where the resources of the cluster cannot be had at all. */
export async function gatherOptimization(
  api: Api,
  signal: AbortSignal,
): Promise<{ facts: OptimizationFacts; coverage: Coverage }> {
  const gaps = openGaps();
  const [{ nodes, guests, storages, unreadable }] = await Promise.all([
    clusterResources(api, { signal }),
    noteHidden(api, [GUESTS, STORAGES, measuresOf()], gaps, signal),
  ]);
  const what = "resources of the cluster";
  noteUnreadable({ facts: ["nodes", "guests", "storages"], what, unreadable }, gaps);
  const { chosen, left } = candidatesOf(guests);
  noteLeft(left, gaps);
  const loads = await eachAtOnce(chosen, (guest) => loadOf(api, guest, gaps, signal));
  const known = loads.filter((load) => load !== undefined);
  return {
    facts: { nodes, guests, storages, loads: known },
    coverage: {
      checked: {
        nodes: nodes.length,
        guests: guests.length,
        guests_over_a_day: known.length,
        storages: storages.length,
      },
      gaps: gaps.all,
    },
  };
}

async function loadOf(
  api: Api,
  guest: GuestResource,
  gaps: Gaps,
  signal: AbortSignal,
): Promise<GuestLoad | undefined> {
  const { node, vmid, type } = guest;
  const question = { type, vmid, signal };
  const of = { ...question, timeframe: "day", cf: "AVERAGE" } as const;
  const found = await gaps.attempt({
    facts: ["loads"],
    what: `the last day of guest ${vmid}`,
    endpoint: GUEST_LOAD[type],
    values: { node, vmid },
    read: () =>
      readFoundGuest(api, question, guest, ({ node: now }) => guestLoad(api, { ...of, node: now })),
  });
  const day = found && dayLoad(found.answer.items);
  return day && { guest: found.guest, day };
}

function noteLeft(left: number, gaps: Gaps): void {
  if (left === 0) return;
  gaps.note({
    facts: ["loads"],
    what: `the last day of ${counted(left, "more guest")}`,
    code: "LIMIT",
    why: `the day of ${MAX_CANDIDATES} guests at most is asked for, the largest first`,
    missingPrivilege: null,
  });
}
