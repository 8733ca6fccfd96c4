/** Making, cloning and removing guests: what Proxmox says and what stays. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { call } from "./exchange.ts";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ delays: { task: 0 } });
});
afterAll(() => simulator.stop());

const post = (path: string, fields: Record<string, string>, as?: string) =>
  call(simulator, "POST", path, { fields, ...(as === undefined ? {} : { as }) });
const remove = (path: string, fields: Record<string, string> = {}) =>
  call(simulator, "DELETE", path, { fields });

/** How the task of an answer ended. */
async function endOf({ data }: { readonly data: unknown }): Promise<string | undefined> {
  const upid = String(data);
  const [, node] = upid.split(":");
  const path = `/nodes/${node}/tasks/${encodeURIComponent(upid)}/status`;
  const status = await call(simulator, "GET", path);
  return (status.data as { exitstatus?: string }).exitstatus;
}

test("the next id is the lowest that is free, and one that is taken is refused", async () => {
  expect(await call(simulator, "GET", "/cluster/nextid")).toMatchObject({ data: "109" });
  const fields = { vmid: "100" };
  expect(await call(simulator, "GET", "/cluster/nextid", { fields })).toMatchObject({
    status: 400,
    errors: { vmid: "VM 100 already exists" },
  });
  fields.vmid = "110";
  expect(await call(simulator, "GET", "/cluster/nextid", { fields })).toMatchObject({
    data: "110",
  });
});

test("a new guest has its id at once, is locked while it is made, and then stays", async () => {
  const made = await post("/nodes/pve1/qemu", { vmid: "300", scsi0: "local-lvm:8", name: "made" });
  expect(made.status).toBe(200);
  expect(await post("/nodes/pve1/qemu", { vmid: "300" })).toMatchObject({
    status: 500,
    message: "unable to create VM 300 - VM 300 already exists on node 'pve1'\n",
  });
  expect(await endOf(made)).toBe("OK");
  const content = await call(simulator, "GET", "/nodes/pve1/storage/local-lvm/content", {
    fields: { vmid: "300" },
  });
  expect(content.data).toMatchObject([{ volid: "local-lvm:vm-300-disk-0", size: 8 * 1024 ** 3 }]);
  expect(await endOf(await remove("/nodes/pve1/qemu/300"))).toBe("OK");
  const gone = await call(simulator, "GET", "/nodes/pve1/qemu/300/config");
  expect(gone.message).toContain("does not exist");
});

test("a guest for which there is no room is gone again", async () => {
  const made = await post("/nodes/pve1/lxc", {
    ...{ vmid: "301", rootfs: "local-lvm:99999" },
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
  });
  expect(await endOf(made)).toMatch(
    /^unable to create CT 301 - lvcreate .* Insufficient free space$/,
  );
  expect(simulator.state.guests.has(301)).toBe(false);
});

test.each<[string, string, Record<string, string>, object]>([
  [
    "a name",
    "/nodes/pve1/qemu",
    { vmid: "302", name: "a_b" },
    { name: "invalid format - value does not look like a valid DNS name\n" },
  ],
  [
    "a system",
    "/nodes/pve1/qemu",
    { vmid: "302", ostype: "linux" },
    { ostype: expect.stringContaining("does not have a value in the enumeration") },
  ],
  [
    "cores",
    "/nodes/pve1/qemu",
    { vmid: "302", cores: "0" },
    { cores: "value must have a minimum value of 1" },
  ],
  [
    "another option",
    "/nodes/pve1/qemu",
    { vmid: "302", sound: "1" },
    { sound: expect.stringContaining("not defined in schema") },
  ],
  [
    "a template that is missing",
    "/nodes/pve1/lxc",
    { vmid: "302" },
    { ostemplate: "property is missing and it is not optional" },
  ],
  [
    "a storage for ISO images",
    "/nodes/pve1/qemu",
    { vmid: "302", scsi0: "local:8" },
    { storage: "storage 'local' does not support vm images" },
  ],
])("%s is refused as a parameter", async (_, path, fields, errors) => {
  expect(await post(path, fields)).toMatchObject({ status: 400, errors });
});

test("privileges for a new guest are looked at within the call, one by one", async () => {
  const fields = { vmid: "302", cores: "1", scsi0: "local-lvm:1" };
  expect(await post("/nodes/pve1/qemu", fields, "root@pam!mcp")).toMatchObject({
    status: 403,
    message: "Permission check failed\n",
  });
  expect(await post("/nodes/pve1/qemu/900/clone", { newid: "303" }, "bob@pve!t1")).toMatchObject({
    status: 403,
    message: "Permission check failed (/vms/900, VM.Clone)\n",
  });
});

test("a linked clone keeps its template", async () => {
  expect(
    await post("/nodes/pve1/qemu/900/clone", { newid: "304", storage: "local-lvm" }),
  ).toMatchObject({
    status: 500,
    message: "parameter 'storage' not allowed for linked clones\n",
  });
  expect(await endOf(await post("/nodes/pve1/qemu/900/clone", { newid: "304" }))).toBe("OK");
  expect(await endOf(await remove("/nodes/pve1/qemu/900"))).toBe(
    "base volume 'local-lvm:base-900-disk-0' is still in use by linked cloned",
  );
  expect(simulator.state.guests.get(900)).toMatchObject({ lock: undefined });
});

test("a clone on another node wants shared disks", async () => {
  expect(await post("/nodes/pve1/qemu/108/clone", { newid: "305", target: "pve2" })).toMatchObject({
    message: "can't clone VM to node 'pve2' (VM uses local storage)\n",
  });
});

test("a guest that runs, is protected or managed is not removed", async () => {
  expect((await remove("/nodes/pve2/qemu/106")).message).toBe(
    "VM 106 is running - destroy failed\n",
  );
  expect((await remove("/nodes/pve1/lxc/200")).message).toBe(
    "unable to destroy CT 200 - container is running\n",
  );
  expect((await remove("/nodes/pve1/qemu/100")).message).toBe(
    "unable to remove VM 100 - used in HA resources and purge parameter not set.\n",
  );
  const guest = simulator.state.guests.get(108);
  if (guest !== undefined) simulator.state.guests.set(108, { ...guest, config: { protection: 1 } });
  expect((await remove("/nodes/pve1/qemu/108")).message).toBe(
    "can't remove VM 108 - protection mode enabled\n",
  );
});
