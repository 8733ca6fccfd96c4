/** How findings name what they are about. */
import type { GuestResource, NodeResource, StorageResource } from "../proxmox/resources.ts";

export function nodeSubject(node: string): string {
  return `node/${node}`;
}

export function guestSubject({ type, vmid }: Pick<GuestResource, "type" | "vmid">): string {
  return `${type}/${vmid}`;
}

/** One that is shared is the same on every node. */
export function storageSubject({ storage, node, shared }: StorageResource): string {
  return shared ? `storage/${storage}` : `storage/${node}/${storage}`;
}

/** As in `VM 100 (web)`. A guest may have no name. */
export function guestName({ type, vmid, name }: GuestResource): string {
  const what = type === "qemu" ? "VM" : "Container";
  return name === undefined ? `${what} ${vmid}` : `${what} ${vmid} (${name})`;
}

/** Words for a remedy about a guest; `command` is the one that works on its kind. */
export function aboutGuest({ type, vmid, node }: GuestResource): {
  readonly command: "qm" | "pct";
  readonly vmid: number;
  readonly node: string;
} {
  return { command: type === "qemu" ? "qm" : "pct", vmid, node };
}

export function isOnline({ status }: NodeResource): boolean {
  return status === "online";
}

/** Runs, and is no template. */
export function isRunning({ status, template }: GuestResource): boolean {
  return status === "running" && !template;
}
