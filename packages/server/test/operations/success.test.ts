import { expect, test } from "vitest";
import type { CallFacts, CallOutcome } from "../../src/mcp/call-record.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { CASES, PUBLIC_KEY } from "./cases.ts";
import { asSent, openOperating } from "./operate.ts";

const OPERATIONS = TOOLS.filter(({ effect }) =>
  ["change", "interrupt", "destroy"].includes(effect),
);

test("every operation has a case", () => {
  expect(Object.keys(CASES)).toEqual(OPERATIONS.map(({ name }) => name));
});

test.each(Object.entries(CASES))(
  "%s: a dry run changes nothing and shows the call, which is then made",
  async (name, { args, task, seenBy, before, after }) => {
    const records: [CallFacts, CallOutcome][] = [];
    const recorder = { ended: (...record: [CallFacts, CallOutcome]) => void records.push(record) };
    const { operate, call, changes } = await openOperating({ recorders: [recorder] });
    const look = async () => (await call(...seenBy)).data;
    const expectSeen = async (expected: unknown) => {
      const seen = await look();
      if (expected === undefined) expect(seen).toBeUndefined();
      else expect(seen).toMatchObject(expected as object);
    };
    await expectSeen(before);

    const { confirm: _, ...unconfirmed } = args;
    const dry = await operate(name, { ...unconfirmed, dry_run: true });
    expect(dry).toMatchObject({ done: false, dry_run: true, tasks: [] });
    expect(changes()).toEqual([]);
    await expectSeen(before);

    const real = await operate(name, args);
    expect(real).toMatchObject({ done: true, dry_run: false, calls: dry.calls });
    expect(changes()).toEqual(dry.calls.map(asSent));
    expect(real.tasks).toMatchObject([
      { exit_status: "OK", warnings: 0, upid: expect.stringContaining(`:${task}:`) },
    ]);
    expect(real.tasks[0]?.log.at(-1)).toBe("TASK OK");
    expect(real.tasks[0]?.duration_seconds).toBeGreaterThanOrEqual(0);
    await expectSeen(after);

    const [, outcome] = records.filter(([{ tool }]) => tool === name).at(-1) ?? [];
    const type = task.startsWith("vz") ? "lxc" : "qemu";
    expect(outcome?.target).toBe(`${type}/${real.vmid} ${real.name} on ${real.node}`);
    expect(outcome?.upids).toEqual(real.tasks.map(({ upid }) => upid));
  },
);

test("records hold ids, names and sizes, and neither notes nor keys", async () => {
  const records: CallFacts[] = [];
  const recorder = { ended: (facts: CallFacts) => void records.push(facts) };
  const { operate } = await openOperating({ recorders: [recorder] });
  for (const name of ["create_snapshot", "create_container", "clone_vm"]) {
    await operate(name, { ...CASES[name]?.args });
  }
  const [snapshot, container] = records;
  expect(snapshot?.arguments).toMatchObject({ vmid: 200, snapshot: "before-change" });
  expect(container?.arguments).toMatchObject({ hostname: "new", disk_gib: 8, ip: "192.0.2.10/24" });
  expect(JSON.stringify(records)).not.toContain("an example");
  expect(JSON.stringify(records)).not.toContain(PUBLIC_KEY.slice(0, 30));
});

test("an operation is told as text, too", async () => {
  const { call } = await openOperating();
  const dry = await call("delete_vm", { vmid: 108, dry_run: true });
  expect(dry.text).toBe(
    [
      "VM: 108 (stopped) on pve1",
      "Result: dry run: nothing was changed",
      "Would call: DELETE /nodes/pve1/qemu/108",
      "Note: its disks and snapshots are removed with it; its backups stay",
    ].join("\n"),
  );
  const { text } = await call("start_vm", { vmid: 108 });
  expect(text).toMatch(
    /^VM: 108 \(stopped\) on pve1\nResult: done\nCall: POST \/nodes\/pve1\/qemu\/108\/status\/start\nTask: UPID:pve1:.*:\nEnded: OK after [\d.]+ s\n\nLog:\nstart VM 108\nTASK OK$/,
  );
});

test("warnings of a task are no failure", async () => {
  const { operate } = await openOperating();
  expect((await operate("shutdown_container", { vmid: 201 })).tasks).toMatchObject([
    { exit_status: "WARNINGS: 1", warnings: 1, log: ["shutdown CT 201", "TASK WARNINGS: 1"] },
  ]);
});

test("of a long log the last ten lines are given", async () => {
  const { operate, simulator } = await openOperating();
  const { tasks } = simulator.state;
  const set = tasks.set.bind(tasks);
  tasks.set = (upid, task) => {
    task.log.unshift(...Array.from({ length: 2500 }, (_, index) => `line ${index + 1}`));
    return set(upid, task);
  };
  const {
    tasks: [task],
  } = await operate("start_vm", { vmid: 108 });
  expect(task?.log).toHaveLength(10);
  expect(task?.log.slice(-3)).toEqual(["line 2500", "start VM 108", "TASK OK"]);
});

test.each<[string, object, RegExp]>([
  ["start_vm", { vmid: 100 }, /^VM 100 \(web\) runs already: nothing was done$/],
  ["start_container", { vmid: 200 }, /^container 200 \(dns\) runs already: nothing was done$/],
  ["stop_vm", { vmid: 108 }, /^VM 108 \(stopped\) does not run: nothing was done$/],
  ["shutdown_container", { vmid: 202 }, /does not run: nothing was done$/],
])("%s of a guest that is there already is a result: nothing to do", async (name, args, note) => {
  const { operate, changes } = await openOperating();
  const result = await operate(name, { ...args });
  expect(result).toMatchObject({ done: false, dry_run: false, calls: [], tasks: [] });
  expect(result.notes).toEqual([expect.stringMatching(note)]);
  expect(changes()).toEqual([]);
});

test("what high availability manages follows later, and the result says so", async () => {
  const { operate } = await openOperating();
  const { notes } = await operate("shutdown_vm", { vmid: 100 });
  expect(notes).toEqual([expect.stringContaining("high availability manages it")]);
});

test("memory is kept where there is any", async () => {
  const { operate, call } = await openOperating();
  const running = await operate("create_snapshot", {
    vmid: 100,
    snapshot: "warm",
    with_memory: true,
  });
  expect(running.calls[0]?.parameters).toEqual({ snapname: "warm", vmstate: true });
  const off = await operate("create_snapshot", { vmid: 108, snapshot: "cold", with_memory: true });
  expect(off.calls[0]?.parameters).toEqual({ snapname: "cold" });
  expect(off.notes).toEqual(["it does not run, so there is no memory to keep"]);
  const { data } = await call("list_snapshots", { vmid: 100 });
  expect(data).toMatchObject({
    snapshots: [{ with_memory: false }, {}, { name: "warm", with_memory: true }],
  });
});

test("a full clone takes the storage, the snapshot and the id that are wanted", async () => {
  const { operate, call } = await openOperating();
  const args = { vmid: 100, new_vmid: 555, snapshot: "installed", storage: "local-lvm" };
  const { calls, vmid } = await operate("clone_vm", { ...args, target_node: "pve1" });
  expect(vmid).toBe(555);
  expect(calls[0]?.parameters).toEqual({
    ...{ newid: 555, full: true, snapname: "installed", storage: "local-lvm", target: "pve1" },
  });
  expect((await call("get_vm_status", { vmid: 555 })).data).toMatchObject({ status: "stopped" });
});
