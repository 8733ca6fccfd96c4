/** What happens between the call and the end of its task. */
import { type ChannelListener, subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { CallFacts, CallOutcome } from "../../src/mcp/call-record.ts";
import { startTask } from "../../src/operations/carry-out.ts";
import { planned } from "../../src/operations/plan.ts";
import { VM_DELETE } from "../../src/proxmox/endpoints.ts";
import type { RunningTask } from "../../src/simulator/state.ts";
import { type Operating, openOperating } from "./operate.ts";

const REQUESTS = "http.server.request.start";

/** From now on tasks do not end by themselves. @returns ends those there are. */
function holdTasks({ simulator: { state } }: Operating): () => void {
  const held: RunningTask[] = [];
  const add = state.running.add.bind(state.running);
  state.running.add = (running) => {
    const kept = { ...running, endsAt: Number.POSITIVE_INFINITY, polls: Number.POSITIVE_INFINITY };
    held.push(kept);
    return add(kept);
  };
  return () => {
    for (const running of held) running.polls = 0;
  };
}

test("a task that takes longer than the timeout goes on, and is named", async () => {
  const outcomes: CallOutcome[] = [];
  const recorder = { ended: (_: CallFacts, outcome: CallOutcome) => void outcomes.push(outcome) };
  const session = await openOperating({ recorders: [recorder] });
  const release = holdTasks(session);
  const { error } = await session.call("start_vm", { vmid: 108, timeout: 1 });
  const [upid = ""] = [...session.simulator.state.tasks.keys()].slice(-1);
  expect(error).toMatchObject({
    code: "TASK_RUNNING",
    message: "task qmstart 108 on pve1 still runs after 1 s",
    hint: `get_task_status tells how it ends: ${upid}`,
  });
  expect(outcomes).toMatchObject([{ outcome: "TASK_RUNNING", upids: [upid] }]);
  release();
  const { data } = await session.call("get_task_status", { upid });
  expect(data).toMatchObject({ running: false, ok: true });
});

test("a call that is cancelled leaves its task alone, and the records name it", async () => {
  const outcomes: CallOutcome[] = [];
  let recorded = (): void => {};
  const ended = new Promise<void>((resolve) => {
    recorded = resolve;
  });
  const recorder = {
    ended: (_: CallFacts, outcome: CallOutcome) => {
      outcomes.push(outcome);
      recorded();
    },
  };
  const session = await openOperating({ recorders: [recorder] });
  const release = holdTasks(session);
  const controller = new AbortController();
  const messages: string[] = [];
  const call = session.client.callTool(
    { name: "start_vm", arguments: { vmid: 108 } },
    {
      signal: controller.signal,
      onprogress: ({ message = "" }) => {
        messages.push(message);
        controller.abort();
      },
    },
  );
  await expect(call).rejects.toThrow();
  await ended;
  const [upid = ""] = [...session.simulator.state.tasks.keys()].slice(-1);
  expect(messages).toEqual(["qmstart 108 runs for 0 s"]);
  expect(outcomes).toMatchObject([{ outcome: "CANCELLED", upids: [upid] }]);
  release();
  expect((await session.call("get_task_status", { upid })).data).toMatchObject({ ok: true });
  expect((await session.call("get_vm_status", { vmid: 108 })).data).toMatchObject({
    status: "running",
  });
});

test("a task that fails tells why, with the last lines of its log", async () => {
  const { call } = await openOperating();
  const { error, isError } = await call("start_vm", { vmid: 102 });
  expect(isError).toBe(true);
  expect(error).toMatchObject({
    code: "TASK_FAILED",
    message:
      "task qmstart 102 on pve1 failed: start failed: QEMU exited with code 1; the end of its log: start VM 102 | TASK ERROR: start failed: QEMU exited with code 1",
    hint: expect.stringMatching(/^get_task_log shows its log: UPID:/),
  });
});

test("a template with linked clones stays, as Proxmox says", async () => {
  const { call, operate, simulator } = await openOperating();
  const { vmid } = await operate("clone_vm", { vmid: 900, full: false });
  const remove = { vmid: 900, confirm: "900" };
  const { error } = await call("delete_vm", remove);
  expect(error.code).toBe("TASK_FAILED");
  expect(error.message).toContain("is still in use by linked cloned");
  expect(simulator.state.guests.has(900)).toBe(true);
  await operate("delete_vm", { vmid, confirm: String(vmid) });
  expect(await operate("delete_vm", remove)).toMatchObject({ done: true });
});

test("a guest that moves between plan and call is followed, and worked on once", async () => {
  const session = await openOperating();
  const { state } = session.simulator;
  const guest = state.guests.get(108);
  if (guest === undefined) throw new Error("the example has no VM 108");
  // It leaves when its state has been read for the plan.
  let looks = 0;
  Object.defineProperty(guest, "node", {
    get: () => {
      looks += 1;
      return looks <= 2 ? "pve1" : "pve2";
    },
  });
  const result = await session.operate("start_vm", { vmid: 108 });
  expect(result).toMatchObject({ done: true, node: "pve2" });
  expect(session.changes().map(({ path }) => path)).toEqual([
    "/nodes/pve1/qemu/108/status/start",
    "/nodes/pve2/qemu/108/status/start",
  ]);
  expect(state.tasks.size).toBe(4);
});

test("a guest that is locked between plan and call is left alone", async () => {
  const session = await openOperating();
  const guest = session.simulator.state.guests.get(108);
  if (guest === undefined) throw new Error("the example has no VM 108");
  let looks = 0;
  Object.defineProperty(guest, "lock", {
    get: () => {
      looks += 1;
      return looks <= 2 ? undefined : "backup";
    },
  });
  const { error } = await session.call("start_vm", { vmid: 108 });
  expect(error).toMatchObject({ code: "GUEST_STATE", hint: expect.stringContaining("wait") });
  expect(error.message).toContain("VM is locked (backup)");
  expect(session.simulator.state.tasks.size).toBe(3);
});

test("a call whose answer is lost may have been carried out, and is not sent again", async () => {
  const session = await openOperating({ retries: 3 });
  const { simulator, call, changes } = session;
  let cut = (): void => {};
  const listener: ChannelListener = (message) => {
    const { request } = message as { readonly request: IncomingMessage };
    cut = () => request.socket.destroy();
  };
  subscribe(REQUESTS, listener);
  onTestFinished(() => void unsubscribe(REQUESTS, listener));
  const { tasks } = simulator.state;
  const set = tasks.set.bind(tasks);
  tasks.set = (upid, task) => {
    // It is done, and nobody hears of it.
    cut();
    return set(upid, task);
  };
  const { error } = await call("start_vm", { vmid: 108 });
  expect(error.code).toBe("PROXMOX_UNREACHABLE");
  expect(error.hint).toContain("may have been carried out: look before you repeat it");
  expect(changes()).toHaveLength(1);
});

/** Calls back when the cluster has done what it was asked for, and before anybody hears of it. */
function onDone({ simulator: { state } }: Operating, tell: () => void): void {
  const set = state.tasks.set.bind(state.tasks);
  state.tasks.set = (upid, task) => {
    tell();
    return set(upid, task);
  };
}

const DELETE = { name: "delete_vm", arguments: { vmid: 108, confirm: "108" } };

test("a client that gives up while the call is on its way does not lose the task", async () => {
  const outcomes: CallOutcome[] = [];
  const recorded = new EventTarget();
  const ended = once(recorded, "ended");
  const recorder = {
    ended: (_: CallFacts, outcome: CallOutcome) => {
      outcomes.push(outcome);
      recorded.dispatchEvent(new Event("ended"));
    },
  };
  const session = await openOperating({ recorders: [recorder] });
  const client = new AbortController();
  onDone(session, () => client.abort());
  await expect(session.client.callTool(DELETE, { signal: client.signal })).rejects.toThrow();
  await ended;
  const [upid = ""] = [...session.simulator.state.tasks.keys()].slice(-1);
  expect(upid).toContain(":qmdestroy:108:");
  expect(outcomes).toMatchObject([{ outcome: "CANCELLED", upids: [upid] }]);
});

test("the end of the server says that what was on its way may have been carried out", async () => {
  const server = new AbortController();
  const session = await openOperating({ giveUp: server.signal });
  onDone(session, () => server.abort());
  const { error } = await session.call(DELETE.name, DELETE.arguments);
  expect(error).toMatchObject({
    code: "CANCELLED",
    hint: "the call may have been carried out: look before you repeat it",
  });
  expect(session.changes()).toHaveLength(1);
});

test("a client that gave up before leaves everything as it was", async () => {
  const api = { call: () => Promise.reject(new Error("it was called")) };
  const signals = { signal: AbortSignal.abort(), ending: new AbortController().signal };
  const call = planned(VM_DELETE, { values: { node: "pve1", vmid: 108 } });
  await expect(startTask({ api, ...signals }, call)).rejects.toMatchObject({
    code: "CANCELLED",
    message: "the call was cancelled; nothing was changed",
  });
});
