/** Removing VMs and containers. */
import { release } from "./disks.ts";
import { GUEST, guestOn, isManaged, isRunning, startGuestTask } from "./guest.ts";
import { boolean, optional } from "./parameters.ts";
import { failed } from "./refusal.ts";
import { needs, type Route, route } from "./route.ts";
import type { Guest, GuestKind, State } from "./state.ts";

function deleteRoute(kind: GuestKind): Route {
  return route(
    "DELETE",
    `/nodes/{node}/${kind}/{vmid}`,
    needs("/vms/{vmid}", "VM.Allocate"),
    {
      ...GUEST,
      purge: optional(boolean()),
      "destroy-unreferenced-disks": optional(boolean()),
      ...(kind === "lxc" ? { force: optional(boolean()) } : {}),
    },
    ({ state, userid, values }) => {
      const guest = guestOn(state, kind, values);
      refuseKept(guest, values.purge === true);
      return startGuestTask(state, guest, {
        type: kind === "qemu" ? "qmdestroy" : "vzdestroy",
        userid,
        log: [`destroy ${kind === "qemu" ? "VM" : "CT"} ${guest.vmid}`],
        lock: "destroyed",
        change: () => destroy(state, guest),
      });
    },
  );
}

function refuseKept(guest: Guest, purge: boolean): void {
  const { vmid, kind, config } = guest;
  const what = `${kind === "qemu" ? "VM" : "CT"} ${vmid}`;
  if (config["protection"] === 1) throw failed(`can't remove ${what} - protection mode enabled`);
  if (isManaged(guest) && !purge) {
    throw failed(`unable to remove ${what} - used in HA resources and purge parameter not set.`);
  }
  if (!isRunning(guest)) return;
  throw failed(
    kind === "qemu"
      ? `${what} is running - destroy failed`
      : `unable to destroy ${what} - container is running`,
  );
}

function destroy(state: State, { vmid }: Guest): string | undefined {
  if ([...state.guests.values()].some(({ cloneOf }) => cloneOf === vmid)) {
    return `base volume 'local-lvm:base-${vmid}-disk-0' is still in use by linked cloned`;
  }
  state.guests.delete(vmid);
  release(state, vmid);
  return undefined;
}

export const DELETE_ROUTES: readonly Route[] = [deleteRoute("qemu"), deleteRoute("lxc")];
