/** The storages of the example: local and shared ones, one that is offline, one that is nearly full. */
import type { NodeStorage, Volume } from "./state.ts";

const GIB = 1024 ** 3;
const DAY = 86_400;
const NODES = ["pve1", "pve2", "pve3"];

interface Details {
  readonly storage: string;
  readonly type: string;
  readonly content: string;
  readonly total: number;
  readonly used: number;
  readonly shared?: boolean;
  readonly active?: boolean;
  readonly volumes?: readonly Volume[];
}

function everywhere({
  shared = false,
  active = true,
  volumes = [],
  ...details
}: Details): readonly NodeStorage[] {
  return NODES.map((node) => ({ node, shared, active, volumes, ...details }));
}

/** The storages of the example; `now` is in seconds since 1970. */
export function exampleStorages(now: number): readonly NodeStorage[] {
  return [
    ...everywhere({
      storage: "local",
      type: "dir",
      content: "iso,vztmpl,backup",
      total: 100 * GIB,
      used: 22 * GIB,
      volumes: [
        volume("local:iso/debian-13.2.0-amd64-netinst.iso", "iso", "iso", 0.7, now - 30 * DAY),
        volume(
          "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
          "vztmpl",
          "tzst",
          0.1,
          now - 30 * DAY,
        ),
      ],
    }),
    ...everywhere({
      storage: "local-lvm",
      type: "lvmthin",
      content: "images,rootdir",
      total: 800 * GIB,
      used: 320 * GIB,
      volumes: [100, 101, 102, 103].map((vmid) =>
        volume(`local-lvm:vm-${vmid}-disk-0`, "images", "raw", 32, now - 90 * DAY, vmid),
      ),
    }),
    // Nearly full.
    ...everywhere({
      storage: "backups",
      type: "nfs",
      content: "backup",
      shared: true,
      total: 4000 * GIB,
      used: 3880 * GIB,
      volumes: [
        volume(
          "backups:backup/vzdump-qemu-100-2026_01_01-02_00_00.vma.zst",
          "backup",
          "vma.zst",
          9,
          now - 1 * DAY,
          100,
        ),
        volume(
          "backups:backup/vzdump-lxc-200-2026_01_01-02_10_00.tar.zst",
          "backup",
          "tar.zst",
          1,
          now - 1 * DAY,
          200,
        ),
      ],
    }),
    // Offline.
    ...everywhere({
      storage: "archive",
      type: "cifs",
      content: "iso,backup",
      shared: true,
      total: 0,
      used: 0,
      active: false,
    }),
  ];
}

function volume(
  volid: string,
  content: string,
  format: string,
  gibibytes: number,
  ctime: number,
  vmid?: number,
): Volume {
  return { volid, content, format, size: Math.round(gibibytes * GIB), ctime, vmid };
}
