/** Making a machine out of another one. */
import { VM_CLONE } from "../proxmox/endpoints.ts";
import { clusterResources } from "../proxmox/resources.ts";
import { freeId, requireNode, requireStorage } from "./cluster-now.ts";
import { called, type GuestNow, type Look, lookAt, refuseLocked } from "./look.ts";
import { type Plan, planned } from "./plan.ts";
import { refused } from "./refused.ts";
import { findSnapshot } from "./snapshots.ts";

/** The clone that is wanted. */
export interface CloneQuestion {
  readonly vmid: number;
  readonly new_vmid?: number | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly full: boolean;
  readonly snapshot?: string | undefined;
  readonly storage?: string | undefined;
  readonly target_node?: string | undefined;
  readonly pool?: string | undefined;
}

/** @throws ProxmoxMcpError GUEST_STATE where the machine cannot be cloned like this. */
export async function planClone(look: Look, wanted: CloneQuestion): Promise<Plan> {
  const { vmid, full, snapshot, storage, target_node: target, pool, name, description } = wanted;
  const source = await lookAt(look, { type: "qemu", vmid });
  refuseLinked(source, wanted);
  refuseLocked(source);
  if (snapshot !== undefined) await findSnapshot(look, source, snapshot);
  const resources = await clusterResources(look.api, { signal: look.signal });
  const node = target ?? source.node;
  if (target !== undefined) requireNode(resources, target);
  const notes =
    storage === undefined ? [] : requireStorage(resources, { node, storage, content: "images" });
  const newid = await freeId(look, wanted.new_vmid);
  return {
    target: { type: "qemu", vmid: newid, name, node },
    source,
    call: planned(VM_CLONE, {
      values: { node: source.node, vmid },
      parameters: { newid, name, description, full, snapname: snapshot, storage, target, pool },
    }),
    notes: [
      ...notes,
      ...(source.running && snapshot === undefined
        ? [`${called(source)} runs: its clone is as if the power had failed`]
        : []),
    ],
  };
}

function refuseLinked(source: GuestNow, { full, storage }: CloneQuestion): void {
  if (full) return;
  if (!source.template) {
    throw refused(`${called(source)} is no template, so it has no linked clones`, "leave full out");
  }
  if (storage !== undefined) {
    throw refused(
      "a linked clone stays on the storage of its template",
      "leave storage out, or full",
    );
  }
}
