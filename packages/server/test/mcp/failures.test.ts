import { ProtocolError } from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import { ERAS, openSession, type SessionOptions } from "./session.ts";

test.each(ERAS)("%s: an error result has a line for people and data for programs", async (era) => {
  const { client, call } = await openSession({ era });
  // From here on the client checks structured content by the tool's output schema.
  await client.listTools();
  const outcome = await call("get_vm_status", { vmid: 999 });
  expect(outcome).toEqual({
    isError: true,
    text: "error[GUEST_NOT_FOUND]: there is no VM 999. Way out: list the guests with get_vms; those without VM.Audit on /vms/999 are hidden.",
    data: undefined,
    error: {
      code: "GUEST_NOT_FOUND",
      message: "there is no VM 999",
      hint: "list the guests with get_vms; those without VM.Audit on /vms/999 are hidden",
    },
  });
});

test.each<[string, Record<string, unknown>, string, string]>([
  [
    "get_vm_status",
    {},
    "get_vm_status: vmid is missing: a whole number from 100 to 999999999",
    "get_vm_status takes vmid, node?",
  ],
  [
    "get_vm_status",
    { vmid: 99 },
    "get_vm_status: vmid is not a whole number from 100 to 999999999",
    "get_vm_status takes vmid, node?",
  ],
  [
    "get_vm_status",
    { vmid: "1e3", node: "../x" },
    "get_vm_status: vmid is not a whole number from 100 to 999999999; node is not 1 to 63 letters, digits and hyphens",
    "get_vm_status takes vmid, node?",
  ],
  [
    "get_vms",
    { nod: "pve1" },
    "get_vms: unknown argument nod (did you mean node?)",
    "get_vms takes node?, status?, name?, limit?, cursor?",
  ],
  ["get_nodes", { x: 1 }, "get_nodes: unknown argument x", "get_nodes takes no arguments"],
  [
    "get_vms",
    { limit: 1001 },
    "get_vms: limit is not a whole number from 1 to 1000",
    "get_vms takes node?, status?, name?, limit?, cursor?",
  ],
  [
    "list_storage_content",
    { node: "pve1", storage: "local", content: "isos" },
    "list_storage_content: content is not one of images, rootdir, backup, iso, vztmpl, snippets, import",
    "list_storage_content takes node, storage, content?, name?, vmid?, limit?, cursor?",
  ],
  [
    "get_task_status",
    { upid: "UPID:pve1:../..:x" },
    "get_task_status: upid is not a UPID, as in UPID:pve1:0002F1A4:0C2B3D4E:6720F3A1:qmstart:101:root@pam:",
    "get_task_status takes upid",
  ],
])("%s with %j is refused in our own words", async (name, args, message, hint) => {
  const { call, simulator } = await openSession();
  const { error } = await call(name, args);
  expect(error).toEqual({ code: "USAGE", message, hint });
  expect(simulator.state.listings).toBe(0);
});

test("an optional argument that is null counts as left out", async () => {
  const { call } = await openSession();
  const all = { node: null, status: null, name: null, limit: null, cursor: null };
  expect((await call("get_vms", all)).data).toMatchObject({ total: 10, next_cursor: null });
  expect((await call("get_vm_status", { vmid: null })).error).toMatchObject({
    code: "USAGE",
    message: "get_vm_status: vmid is not a whole number from 100 to 999999999",
  });
  expect((await call("get_vms", { nod: null })).error.message).toContain("unknown argument nod");
});

test("a number may come as text, as from clients of the Python server", async () => {
  // A guest's uptime is of the answer: both calls are asked in the same second.
  const asked = new Date();
  const { call, simulator } = await openSession({ simulator: { now: () => asked } });
  expect((await call("get_vms", { limit: "2" })).data).toEqual(
    (await call("get_vms", { limit: 2 })).data,
  );
  const [upid = ""] = simulator.state.tasks.keys();
  expect((await call("get_task_log", { upid, start: "0", limit: "1" })).isError).toBe(false);
  for (const limit of ["0", "1001", "1e2", " 5", "", "05", "99999999999"]) {
    expect((await call("get_vms", { limit })).error.message).toBe(
      "get_vms: limit is not a whole number from 1 to 1000",
    );
  }
  expect((await call("get_vm_status", { vmid: "100" })).data).toMatchObject({ vmid: 100 });
});

test.each(ERAS)("%s: an unknown tool is a protocol error with a suggestion", async (era) => {
  const { call } = await openSession({ era });
  const refused = call("get_vm");
  await expect(refused).rejects.toBeInstanceOf(ProtocolError);
  await expect(refused).rejects.toMatchObject({
    code: -32602,
    message: "there is no tool get_vm (did you mean get_vms?)",
  });
});

test("a refused token and a host that is gone are told, and no secret with them", async () => {
  const tokenValue = "5ecre7ab-1111-4222-8333-444444444444";
  const options: SessionOptions = {
    simulator: { delays: { unauthorized: 0 } },
    token: { user: "mcp@pve", tokenName: "example", tokenValue },
  };
  const refused = await openSession(options);
  const unauthorized = await refused.call("get_nodes");
  expect(unauthorized.error.code).toBe("PROXMOX_UNAUTHORIZED");
  const left = await openSession(options);
  await left.simulator.stop();
  const gone = await left.call("get_nodes");
  expect(gone.error.code).toBe("PROXMOX_UNREACHABLE");
  const told = JSON.stringify([unauthorized, refused.log, gone, left.log]);
  expect(told).not.toContain("5ecre7ab");
});

test("a missing privilege is named with its path", async () => {
  const { call } = await openSession({
    token: {
      user: "bob@pve",
      tokenName: "t1",
      tokenValue: "44444444-4444-4444-4444-444444444444",
    },
  });
  const { error } = await call("get_node_status", { node: "pve1" });
  expect(error.code).toBe("PROXMOX_FORBIDDEN");
  expect(error.message).toMatch(/Sys\.Audit/);
  expect(error.message).toMatch(/\/nodes\/pve1/);
});
