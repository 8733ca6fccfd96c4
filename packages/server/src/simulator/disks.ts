/** Disks of new guests, and the room for them. */
import { failed, invalid } from "./refusal.ts";
import { type NodeStorage, type State, seconds } from "./state.ts";
import { storageOn } from "./storage.ts";

const GIB = 1024 ** 3;

/** A disk that is wanted, as in `local-lvm:32`. */
export interface NewDisk {
  readonly storage: NodeStorage;
  /** Bytes. */
  readonly size: number;
  readonly volid: string;
}

/**
 * Reads what a new disk is to be.
 *
 * @throws Refusal in Proxmox's words.
 */
export function newDisk(
  state: State,
  option: string,
  { text, node, vmid, content }: { text: string; node: string; vmid: number; content: string },
): NewDisk {
  const [, name, gibibytes] = /^([a-z][a-z0-9\-_.]*):(\d+(?:\.\d+)?)(?:,|$)/i.exec(text) ?? [];
  if (name === undefined) {
    throw invalid({
      [option]: `invalid format - format error\n${option}: unable to parse volume ID '${text}'\n`,
    });
  }
  const storage = storageOn(state, { node, storage: name });
  if (!storage.content.split(",").includes(content)) {
    const what = content === "images" ? "vm images" : "container directories";
    throw invalid({ storage: `storage '${name}' does not support ${what}` });
  }
  if (!storage.active) throw failed(`storage '${name}' is not online`);
  return { storage, size: Number(gibibytes) * GIB, volid: `${name}:vm-${vmid}-disk-0` };
}

/** Makes a disk. @returns why it cannot be made. */
export function allocate(
  state: State,
  { storage, size, volid }: NewDisk,
  { vmid, content }: { vmid: number; content: string },
): string | undefined {
  if (size > storage.total - storage.used) {
    return `lvcreate 'pve/vm-${vmid}-disk-0' error:   Insufficient free space`;
  }
  storage.used += size;
  const ctime = seconds(state);
  storage.volumes = [...storage.volumes, { volid, content, format: "raw", size, ctime, vmid }];
  return undefined;
}

/** Removes the disks of a guest. */
export function release({ storages }: State, vmid: number): void {
  for (const storage of storages) {
    const own = storage.volumes.filter(
      ({ vmid: owner, content }) => owner === vmid && content !== "backup",
    );
    storage.volumes = storage.volumes.filter((volume) => !own.includes(volume));
    storage.used -= own.reduce((sum, { size }) => sum + size, 0);
  }
}
