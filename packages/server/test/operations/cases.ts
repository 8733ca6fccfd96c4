/** One good call of each operation, and how another tool sees what came of it. */
import { expect } from "vitest";

export interface Case {
  readonly args: Readonly<Record<string, unknown>>;
  /** The type of its task. */
  readonly task: string;
  /** The tool that sees it. */
  readonly seenBy: readonly [tool: string, args: Readonly<Record<string, unknown>>];
  readonly before: unknown;
  readonly after: unknown;
}

const status = (tool: string, vmid: number, before: string, after: string) => ({
  seenBy: [tool, { vmid }] as const,
  before: { status: before },
  after: { status: after },
});
const gone = (tool: string, vmid: number) => ({
  seenBy: [tool, { vmid }] as const,
  before: { vmid },
  after: undefined,
});
const made = (tool: string, vmid: number, after: object) => ({
  seenBy: [tool, { vmid }] as const,
  before: undefined,
  after: { vmid, ...after },
});

const longer = (seconds: number) => expect.toSatisfy((uptime: number) => uptime > seconds);
const REBOOTED = {
  before: { uptime_seconds: longer(800_000) },
  after: { uptime_seconds: expect.not.toSatisfy((uptime: number) => uptime > 800_000) },
};

export const PUBLIC_KEY: string = `ssh-ed25519 ${"A".repeat(68)} me@example`;

export const CASES: Readonly<Record<string, Case>> = {
  start_vm: {
    args: { vmid: 108 },
    task: "qmstart",
    ...status("get_vm_status", 108, "stopped", "running"),
  },
  stop_vm: {
    args: { vmid: 106 },
    task: "qmstop",
    ...status("get_vm_status", 106, "running", "stopped"),
  },
  shutdown_vm: {
    args: { vmid: "106", node: "pve1" },
    task: "qmshutdown",
    ...status("get_vm_status", 106, "running", "stopped"),
  },
  reboot_vm: {
    args: { vmid: 106 },
    task: "qmreboot",
    seenBy: ["get_vm_status", { vmid: 106 }],
    ...REBOOTED,
  },
  start_container: {
    args: { vmid: 202 },
    task: "vzstart",
    ...status("get_container_status", 202, "stopped", "running"),
  },
  stop_container: {
    args: { vmid: 200 },
    task: "vzstop",
    ...status("get_container_status", 200, "running", "stopped"),
  },
  shutdown_container: {
    args: { vmid: 200 },
    task: "vzshutdown",
    ...status("get_container_status", 200, "running", "stopped"),
  },
  reboot_container: {
    args: { vmid: 200 },
    task: "vzreboot",
    seenBy: ["get_container_status", { vmid: 200 }],
    ...REBOOTED,
  },
  create_snapshot: {
    args: { vmid: 200, snapshot: "before-change", description: "an example" },
    task: "vzsnapshot",
    seenBy: ["list_snapshots", { vmid: 200 }],
    before: { snapshots: [] },
    after: { snapshots: [{ name: "before-change", description: "an example" }] },
  },
  rollback_snapshot: {
    args: { vmid: 100, snapshot: "installed", confirm: "web" },
    task: "qmrollback",
    ...status("get_vm_status", 100, "running", "stopped"),
  },
  delete_snapshot: {
    args: { vmid: 100, snapshot: "installed", confirm: "100" },
    task: "qmdelsnapshot",
    seenBy: ["list_snapshots", { vmid: 100 }],
    before: { snapshots: [{ name: "installed" }, { name: "before-upgrade" }] },
    after: { snapshots: [{ name: "before-upgrade", parent: null }] },
  },
  clone_vm: {
    args: { vmid: 900, name: "copy", full: false, description: "an example" },
    task: "qmclone",
    ...made("get_vm_config", 109, { name: "copy", node: "pve1" }),
  },
  create_vm: {
    args: {
      node: "pve2",
      vmid: 150,
      name: "new",
      cores: 4,
      memory_mib: 4096,
      storage: "local-lvm",
      disk_gib: 40,
      iso: "local:iso/debian-13.2.0-amd64-netinst.iso",
      vlan: 42,
      guest_agent: true,
      start_at_boot: true,
    },
    task: "qmcreate",
    ...made("get_vm_config", 150, {
      name: "new",
      node: "pve2",
      config: {
        cores: 4,
        memory: "4096",
        ostype: "l26",
        onboot: 1,
        agent: "1",
        net0: "virtio,bridge=vmbr0,tag=42",
        ide2: "local:iso/debian-13.2.0-amd64-netinst.iso,media=cdrom",
        scsi0: "local-lvm:vm-150-disk-0,size=40G",
      },
    }),
  },
  delete_vm: {
    args: { vmid: 108, confirm: "stopped" },
    task: "qmdestroy",
    ...gone("get_vm_status", 108),
  },
  create_container: {
    args: {
      node: "pve1",
      hostname: "new",
      template: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
      storage: "local-lvm",
      disk_gib: 8,
      ip: "192.0.2.10/24",
      gateway: "192.0.2.1",
      nesting: true,
      ssh_public_keys: [PUBLIC_KEY, PUBLIC_KEY],
    },
    task: "vzcreate",
    ...made("get_container_config", 109, {
      name: "new",
      config: {
        hostname: "new",
        memory: 512,
        swap: 512,
        unprivileged: 1,
        features: "nesting=1",
        net0: "name=eth0,bridge=vmbr0,ip=192.0.2.10/24,gw=192.0.2.1",
        rootfs: "local-lvm:vm-109-disk-0,size=8G",
      },
    }),
  },
  delete_container: {
    args: { vmid: 202, confirm: "202", purge: true },
    task: "vzdestroy",
    ...gone("get_container_status", 202),
  },
};
