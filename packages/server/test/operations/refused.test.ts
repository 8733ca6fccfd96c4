/** What the state of a guest or of the cluster forbids: found out by reading, with nothing changed. */
import { expect, test } from "vitest";
import type { CallFacts, CallOutcome } from "../../src/mcp/call-record.ts";
import type { Guest } from "../../src/simulator/state.ts";
import { CASES } from "./cases.ts";
import { type Operating, openOperating } from "./operate.ts";

const NEW_VM = { ...CASES["create_vm"]?.args };
const NEW_CONTAINER = { ...CASES["create_container"]?.args };

function change({ simulator }: Operating, vmid: number, changes: Partial<Guest>): void {
  const { guests } = simulator.state;
  const guest = guests.get(vmid);
  if (guest === undefined) throw new Error(`the example has no guest ${vmid}`);
  guests.set(vmid, { ...guest, ...changes });
}

test.each<[string, Record<string, unknown>, Partial<Guest>, string, RegExp]>([
  [
    "start_vm",
    { vmid: 900 },
    {},
    "VM 900 (debian-template) is a template, which does not run",
    /clone_vm/,
  ],
  ["reboot_vm", { vmid: 108 }, {}, "VM 108 (stopped) does not run", /start_vm/],
  [
    "reboot_container",
    { vmid: 202 },
    {},
    "container 202 (stopped-container) does not run",
    /start_container/,
  ],
  ["stop_vm", { vmid: 106 }, { lock: "backup" }, "VM 106 (oversized) is locked (backup)", /wait/],
  ["start_vm", { vmid: 108 }, { lock: "migrate" }, "VM 108 (stopped) is locked (migrate)", /wait/],
  [
    "create_snapshot",
    { vmid: 200, snapshot: "ab" },
    { lock: "snapshot" },
    "container 200 (dns) is locked (snapshot)",
    /wait/,
  ],
  [
    "create_snapshot",
    { vmid: 100, snapshot: "installed" },
    {},
    "VM 100 (web) has a snapshot installed already",
    /list_snapshots/,
  ],
  [
    "create_snapshot",
    { vmid: 200, snapshot: "ab", with_memory: true },
    {},
    "container 200 (dns) is a container, whose memory cannot be kept",
    /with_memory/,
  ],
  [
    "rollback_snapshot",
    { vmid: 100, snapshot: "nothing", confirm: "web" },
    {},
    "VM 100 (web) has no snapshot nothing",
    /list_snapshots/,
  ],
  [
    "delete_snapshot",
    { vmid: 100, snapshot: "installed", confirm: "web" },
    { lock: "rollback" },
    "VM 100 (web) is locked (rollback)",
    /wait/,
  ],
  ["delete_vm", { vmid: 106, confirm: "106" }, {}, "VM 106 (oversized) runs", /shutdown_vm/],
  [
    "delete_container",
    { vmid: 200, confirm: "200" },
    {},
    "container 200 (dns) runs",
    /shutdown_container/,
  ],
  [
    "delete_vm",
    { vmid: 108, confirm: "108" },
    { config: { protection: 1 } },
    "VM 108 (stopped) is protected",
    /person/,
  ],
  [
    "delete_vm",
    { vmid: 108, confirm: "108" },
    { tags: "ha" },
    "VM 108 (stopped) is managed by high availability",
    /purge/,
  ],
  [
    "delete_container",
    { vmid: 202, confirm: "202" },
    { lock: "backup" },
    "container 202 (stopped-container) is locked (backup)",
    /wait/,
  ],
  [
    "clone_vm",
    { vmid: 108, full: false },
    {},
    "VM 108 (stopped) is no template, so it has no linked clones",
    /full/,
  ],
  [
    "clone_vm",
    { vmid: 900, full: false, storage: "local-lvm" },
    {},
    "a linked clone stays on the storage of its template",
    /storage/,
  ],
  [
    "clone_vm",
    { vmid: 108, snapshot: "ab" },
    {},
    "VM 108 (stopped) has no snapshot ab",
    /list_snapshots/,
  ],
  ["clone_vm", { vmid: 108, new_vmid: 107 }, {}, "the id 107 is taken", /free/],
  ["clone_vm", { vmid: 108 }, { lock: "disk" }, "VM 108 (stopped) is locked (disk)", /wait/],
  ["create_vm", { ...NEW_VM, vmid: 100 }, {}, "the id 100 is taken", /free/],
])("%s %j: %s", async (name, args, changes, message, hint) => {
  const session = await openOperating();
  if (Object.keys(changes).length > 0) change(session, Number(args["vmid"]), changes);
  for (const dry_run of [true, false]) {
    expect(await session.refusal(name, { ...args, dry_run })).toMatchObject({
      code: "GUEST_STATE",
      message: `${message}; nothing was changed`,
      hint: expect.stringMatching(hint),
    });
  }
});

test.each<[string, Record<string, unknown>, string, string]>([
  ["create_vm", { ...NEW_VM, node: "pve9" }, "PROXMOX_INVALID", "there is no node pve9"],
  ["create_vm", { ...NEW_VM, node: "pve3" }, "NODE_UNREACHABLE", "node pve3 is offline"],
  [
    "create_vm",
    { ...NEW_VM, storage: "nothing" },
    "PROXMOX_INVALID",
    "node pve2 has no storage nothing",
  ],
  [
    "create_vm",
    { ...NEW_VM, storage: "local" },
    "PROXMOX_INVALID",
    "storage local takes no images",
  ],
  [
    "create_vm",
    { ...NEW_VM, iso: "local:iso/no.iso" },
    "PROXMOX_INVALID",
    "there is no local:iso/no.iso on node pve2",
  ],
  [
    "create_container",
    { ...NEW_CONTAINER, storage: "backups" },
    "PROXMOX_INVALID",
    "storage backups takes no rootdir",
  ],
  [
    "create_container",
    { ...NEW_CONTAINER, template: "local:vztmpl/no.tar.gz" },
    "PROXMOX_INVALID",
    "there is no local:vztmpl/no.tar.gz on node pve1",
  ],
  ["clone_vm", { vmid: 108, target_node: "pve3" }, "NODE_UNREACHABLE", "node pve3 is offline"],
  [
    "clone_vm",
    { vmid: 108, storage: "backups" },
    "PROXMOX_INVALID",
    "storage backups takes no images",
  ],
  ["start_vm", { vmid: 107 }, "NODE_UNREACHABLE", "VM 107 is on node pve3, which is offline"],
  [
    "delete_container",
    { vmid: 203, confirm: "203" },
    "NODE_UNREACHABLE",
    "container 203 is on node pve3, which is offline",
  ],
  [
    "create_snapshot",
    { vmid: 107, snapshot: "ab" },
    "NODE_UNREACHABLE",
    "VM 107 is on node pve3, which is offline",
  ],
  ["start_vm", { vmid: 200 }, "GUEST_NOT_FOUND", "200 is a container, no VM"],
  [
    "delete_container",
    { vmid: 108, confirm: "108" },
    "GUEST_NOT_FOUND",
    "108 is a VM, no container",
  ],
  ["create_snapshot", { vmid: 999, snapshot: "ab" }, "GUEST_NOT_FOUND", "there is no guest 999"],
])("%s %j: %s", async (name, args, code, message) => {
  const { refusal } = await openOperating();
  expect(await refusal(name, args)).toMatchObject({ code, message, hint: expect.any(String) });
});

test.each<[string, Record<string, unknown>, string]>([
  ["delete_vm", { vmid: 106, confirm: "106" }, "qemu/106 oversized on pve2"],
  ["reboot_container", { vmid: 202 }, "lxc/202 stopped-container on pve2"],
  ["clone_vm", { vmid: 108, full: false }, "qemu/108 stopped on pve1"],
])("%s %j: the records name the guest that was found", async (name, args, target) => {
  const outcomes: CallOutcome[] = [];
  const recorder = { ended: (_: CallFacts, outcome: CallOutcome) => void outcomes.push(outcome) };
  const { refusal } = await openOperating({ recorders: [recorder] });
  await refusal(name, args);
  expect(outcomes).toMatchObject([{ outcome: "GUEST_STATE", target }]);
});

test("a storage that is offline takes nothing", async () => {
  const { refusal, simulator } = await openOperating();
  for (const storage of simulator.state.storages) {
    if (storage.storage === "local-lvm") storage.active = false;
  }
  const error = await refusal("create_vm", NEW_VM);
  expect(error.message).toBe(
    "storage local-lvm is not available on node pve2; nothing was changed",
  );
});

test("a machine that was suspended to disk is resumed, though that holds it", async () => {
  const session = await openOperating();
  change(session, 108, { lock: "suspended" });
  const { calls } = await session.operate("start_vm", { vmid: 108, dry_run: true });
  expect(calls).toHaveLength(1);
});

test("too little room is said before, and the failure after", async () => {
  const { operate, call, simulator } = await openOperating();
  const args = { ...NEW_VM, disk_gib: 60_000 };
  const { notes } = await operate("create_vm", { ...args, dry_run: true });
  expect(notes).toEqual(["storage local-lvm has 480 GiB free, less than 60000 GiB"]);
  const { error } = await call("create_vm", args);
  expect(error).toMatchObject({ code: "TASK_FAILED" });
  expect(error.message).toContain("unable to create VM 150 - lvcreate");
  expect(error.message).toContain("Insufficient free space");
  expect(simulator.state.guests.has(150)).toBe(false);
});
