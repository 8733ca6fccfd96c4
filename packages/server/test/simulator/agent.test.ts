/** Commands inside the simulated VMs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { call } from "./exchange.ts";

let time = Date.parse("2026-01-31T12:00:00Z");
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ now: () => new Date(time), delays: { agent: 1 } });
});
afterAll(() => simulator.stop());

const agent = (vmid: number, node = "pve1") => `/nodes/${node}/qemu/${vmid}/agent`;

async function run(command: string, vmid = 100, node?: string): Promise<unknown> {
  const { data } = await call(simulator, "POST", `${agent(vmid, node)}/exec`, {
    fields: { command },
  });
  return (data as { pid: number }).pid;
}

const statusOf = (pid: unknown, vmid = 100, node?: string) =>
  call(simulator, "GET", `${agent(vmid, node)}/exec-status`, { fields: { pid: String(pid) } });

describe("a command", () => {
  test.each([
    ["hostname", { exited: 1, exitcode: 0, "out-data": "web\n" }],
    ["/usr/bin/true", { exited: 1, exitcode: 0 }],
    ["false", { exited: 1, exitcode: 1 }],
    [
      "systemctl",
      {
        exited: 1,
        exitcode: 3,
        "out-data": "inactive\n",
        "err-data": "Unit could not be found.\n",
      },
    ],
  ])("%s", async (command, outcome) => {
    expect((await statusOf(await run(command))).data).toEqual(outcome);
  });

  test("has its arguments", async () => {
    const { data } = await call(simulator, "POST", `${agent(100)}/exec?command=echo&command=a%20b`);
    expect((await statusOf((data as { pid: number }).pid)).data).toMatchObject({
      "out-data": "a b\n",
    });
  });

  test("is told of once, and is forgotten then", async () => {
    const pid = await run("true");
    expect((await statusOf(pid)).status).toBe(200);
    expect(await statusOf(pid)).toMatchObject({
      status: 500,
      message: `Agent error: PID ${pid} does not exist\n`,
    });
  });

  test("may print more than is kept", async () => {
    const { data } = await statusOf(await run("yes"));
    expect(data).toMatchObject({ exitcode: 0, "out-truncated": 1 });
    expect((data as Record<string, string>)["out-data"]).toHaveLength(1024 ** 2);
  });

  test("may take its time", async () => {
    const { data } = await call(simulator, "POST", `${agent(100)}/exec?command=sleep&command=5`);
    const { pid } = data as { pid: number };
    expect((await statusOf(pid)).data).toEqual({ exited: 0 });
    time += 5000;
    expect((await statusOf(pid)).data).toEqual({ exited: 1, exitcode: 0 });
  });

  test("may not exist", async () => {
    expect(
      await call(simulator, "POST", `${agent(100)}/exec`, { fields: { command: "nope" } }),
    ).toMatchObject({
      status: 500,
      message: expect.stringContaining('Failed to execute child process "nope"'),
    });
  });
});

describe("an agent", () => {
  test.each([
    [101, "pve1", 500, "QEMU guest agent is not running\n"],
    [104, "pve2", 500, "No QEMU guest agent configured\n"],
    [108, "pve1", 500, "VM 108 is not running\n"],
    [100, "pve1", 200, "OK"],
    [103, "pve2", 200, "OK"],
  ])("of %i on %s answers %i %s", async (vmid, node, status, message) => {
    expect(await call(simulator, "POST", `${agent(vmid, node)}/ping`)).toMatchObject({
      status,
      message,
    });
  });

  test("that is slow answers late", async () => {
    const late = await startSimulator({ delays: { agent: 3_600_000 } });
    const slow = call(late, "POST", `${agent(103, "pve2")}/ping`).then(
      ({ status }) => status,
      () => "cut",
    );
    expect((await call(late, "POST", `${agent(100)}/ping`)).status).toBe(200);
    await late.stop();
    expect(await slow).toBe("cut");
  });
});
