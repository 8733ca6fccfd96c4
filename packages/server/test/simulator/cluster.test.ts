/** What the simulated cluster remembers, and how it is seen. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { call } from "./exchange.ts";

type Entry = Readonly<Record<string, unknown>>;

let simulator: Simulator;
beforeEach(async () => {
  // Its clock stands still: tasks end because their status is asked.
  simulator = await startSimulator({ now: () => new Date("2026-01-31T12:00:00Z") });
});
afterEach(() => simulator.stop());

async function list(
  path: string,
  fields: Record<string, string> = {},
  as = "root@pam!full",
): Promise<readonly Entry[]> {
  const { status, data } = await call(simulator, "GET", path, { fields, as });
  expect(status).toBe(200);
  return data as readonly Entry[];
}

async function resource(id: string): Promise<Entry | undefined> {
  return (await list("/cluster/resources")).find((entry) => entry["id"] === id);
}

/** Does something and follows the task. @returns what its status said, one after the other. */
async function work(
  method: string,
  path: string,
  fields: Record<string, string> = {},
): Promise<readonly unknown[]> {
  const { status, data: upid, message } = await call(simulator, method, path, { fields });
  if (status !== 200) return [status, message];
  const node = /^UPID:([^:]+):/.exec(String(upid))?.[1];
  const seen: unknown[] = [];
  for (;;) {
    const answer = await call(
      simulator,
      "GET",
      `/nodes/${node}/tasks/${encodeURIComponent(String(upid))}/status`,
    );
    const { status: now, exitstatus } = answer.data as Entry;
    seen.push(now);
    if (now !== "running") return [...seen, exitstatus];
  }
}

describe("power", () => {
  test("a started VM runs once its task is done", async () => {
    const { data: upid } = await call(simulator, "POST", "/nodes/pve1/qemu/108/status/start");
    expect(await resource("qemu/108")).toMatchObject({ status: "stopped", uptime: 0 });
    const path = `/nodes/pve1/tasks/${upid}`;
    for (const status of ["running", "running", "stopped"]) {
      expect((await call(simulator, "GET", `${path}/status`)).data).toMatchObject({ status });
    }
    expect(await resource("qemu/108")).toMatchObject({ status: "running" });
    expect((await call(simulator, "GET", `${path}/log`)).data).toEqual([
      { n: 1, t: "start VM 108" },
      { n: 2, t: "TASK OK" },
    ]);
  });

  test("time ends a task that nobody asks after", async () => {
    let time = Date.parse("2026-01-31T12:00:00Z");
    const other = await startSimulator({ now: () => new Date(time), delays: { task: 5000 } });
    await call(other, "POST", "/nodes/pve1/qemu/100/status/stop");
    const status = async () =>
      (await call(other, "GET", "/nodes/pve1/qemu/100/status/current")).data as Entry;
    time += 4999;
    expect(await status()).toMatchObject({ status: "running" });
    time += 1;
    expect(await status()).toMatchObject({ status: "stopped", qmpstatus: "stopped" });
    await other.stop();
  });

  test.each([
    [
      "POST",
      "/nodes/pve1/qemu/102/status/start",
      ["running", "running", "stopped", "start failed: QEMU exited with code 1"],
    ],
    [
      "POST",
      "/nodes/pve2/lxc/201/status/shutdown",
      ["running", "running", "stopped", "WARNINGS: 1"],
    ],
    [
      "POST",
      "/nodes/pve1/qemu/100/status/start",
      ["running", "running", "stopped", "VM 100 already running"],
    ],
    ["POST", "/nodes/pve1/lxc/200/status/start", [500, "CT 200 already running\n"]],
    ["POST", "/nodes/pve2/lxc/202/status/stop", [500, "CT 202 not running\n"]],
    ["POST", "/nodes/pve1/qemu/108/status/reboot", [500, "VM 108 not running\n"]],
    [
      "POST",
      "/nodes/pve1/qemu/900/status/start",
      ["running", "running", "stopped", "you can't start a vm if it's a template"],
    ],
    [
      "POST",
      "/nodes/pve1/qemu/117/status/start",
      [500, "Configuration file 'nodes/pve1/qemu-server/117.conf' does not exist\n"],
    ],
    [
      "POST",
      "/nodes/pve1/lxc/100/status/start",
      [500, "Configuration file 'nodes/pve1/lxc/100.conf' does not exist\n"],
    ],
  ])("%s %s", async (method, path, outcome) => {
    expect(await work(method, path)).toEqual(outcome);
  });

  test("a warning does not keep a container from stopping, a failure keeps a VM stopped", async () => {
    await work("POST", "/nodes/pve2/lxc/201/status/shutdown");
    await work("POST", "/nodes/pve1/qemu/102/status/start");
    expect(await resource("lxc/201")).toMatchObject({ status: "stopped" });
    expect(await resource("qemu/102")).toMatchObject({ status: "stopped" });
  });
});

describe("snapshots", () => {
  const path = "/nodes/pve1/qemu/100/snapshot";
  const names = async () => (await list(path)).map(({ name, parent }) => [name, parent]);

  test("are made, rolled back to and deleted", async () => {
    expect((await work("POST", path, { snapname: "mine" })).at(-1)).toBe("OK");
    expect(await names()).toEqual([
      ["installed", undefined],
      ["before-upgrade", "installed"],
      ["mine", "before-upgrade"],
      ["current", "mine"],
    ]);
    expect((await work("DELETE", `${path}/before-upgrade`)).at(-1)).toBe("OK");
    expect(await names()).toEqual([
      ["installed", undefined],
      ["mine", "installed"],
      ["current", "mine"],
    ]);
    expect((await work("POST", `${path}/installed/rollback`)).at(-1)).toBe("OK");
    expect(await resource("qemu/100")).toMatchObject({ status: "stopped" });
  });

  test.each([
    ["POST", path, { snapname: "installed" }, "snapshot name 'installed' already used"],
    ["DELETE", `${path}/nope`, {}, "snapshot 'nope' does not exist"],
    ["POST", `${path}/nope/rollback`, {}, "snapshot 'nope' does not exist"],
    [
      "POST",
      path,
      { snapname: "current" },
      "unable to use snapshot name 'current' (reserved name)\n",
    ],
  ])("%s %s %o", async (method, where, fields, outcome) => {
    expect((await work(method, where, fields as Record<string, string>)).at(-1)).toBe(outcome);
  });

  test("a guest is locked while one is made", async () => {
    await call(simulator, "POST", path, { fields: { snapname: "mine" } });
    expect(await call(simulator, "POST", path, { fields: { snapname: "other" } })).toMatchObject({
      status: 500,
      message: "VM is locked (snapshot)\n",
    });
  });
});

describe("lists", () => {
  test("hold guests of every kind", async () => {
    const guests = await list("/cluster/resources", { type: "vm" });
    expect(guests).toHaveLength(14);
    expect(guests.find(({ vmid }) => vmid === 104)).not.toHaveProperty("name");
    expect(guests.find(({ vmid }) => vmid === 900)).toMatchObject({
      template: 1,
      status: "stopped",
    });
  });

  test("a node that is down hides what is on it, and itself answers to nothing", async () => {
    expect(await resource("node/pve3")).toMatchObject({ status: "offline" });
    expect(await resource("qemu/107")).toEqual({
      ...{ id: "qemu/107", type: "qemu", vmid: 107, node: "pve3", status: "unknown", template: 0 },
    });
    expect(await resource("storage/pve3/local")).toMatchObject({ status: "unknown" });
    for (const path of [
      "/nodes/pve3/status",
      "/nodes/pve3/qemu/107/status/current",
      "/nodes/pve3/tasks",
    ]) {
      expect(await call(simulator, "GET", path)).toMatchObject({
        status: 595,
        message: "No route to host",
      });
    }
    expect(await call(simulator, "GET", "/nodes/pve4/status")).toMatchObject({ status: 500 });
  });

  test("a guest moves between calls, and is found by who looks again", async () => {
    const path = (node: unknown) => `/nodes/${node}/qemu/105/status/current`;
    const seen: unknown[] = [];
    for (let look = 0; look < 4; look++) {
      const { node } = (await resource("qemu/105")) ?? {};
      seen.push([node, (await call(simulator, "GET", path(node))).status]);
    }
    expect(seen).toEqual([
      ["pve1", 500],
      ["pve2", 200],
      ["pve2", 500],
      ["pve1", 200],
    ]);
  });

  test("a storage may be offline or nearly full", async () => {
    expect(await resource("storage/pve1/archive")).toMatchObject({ status: "unknown", shared: 1 });
    const { disk, maxdisk } = (await resource("storage/pve1/backups")) ?? {};
    expect(Number(disk) / Number(maxdisk)).toBeGreaterThan(0.95);
    expect(await list("/nodes/pve1/storage/local/content", { content: "iso" })).toHaveLength(1);
    expect(await call(simulator, "GET", "/nodes/pve1/storage/archive/content")).toMatchObject({
      status: 500,
      message: "storage 'archive' is not online\n",
    });
  });

  test("tasks: ended ones, newest first, in parts", async () => {
    expect((await list("/nodes/pve1/tasks")).map(({ status }) => status)).toEqual([
      "job errors",
      "OK",
    ]);
    expect(await list("/nodes/pve1/tasks", { errors: "1" })).toHaveLength(1);
    expect(await list("/nodes/pve1/tasks", { vmid: "100" })).toHaveLength(1);
    expect(
      await call(simulator, "GET", "/nodes/pve1/tasks", { fields: { start: "1" } }),
    ).toMatchObject({
      total: 2,
      data: [{ status: "OK" }],
    });
    await call(simulator, "POST", "/nodes/pve1/qemu/108/status/start");
    expect(await list("/nodes/pve1/tasks")).toHaveLength(2);
    expect(await list("/nodes/pve1/tasks", { source: "active" })).toMatchObject([
      { type: "qmstart", tokenid: "full" },
    ]);
  });

  test.each([
    "/nodes",
    "/nodes/pve1/status",
    "/nodes/pve1/certificates/info",
    "/nodes/pve1/storage",
    "/nodes/pve1/qemu",
    "/nodes/pve2/lxc",
    "/nodes/pve1/storage/local/status",
    "/cluster/status",
    "/cluster/ha/status/current",
    "/cluster/backup-info/not-backed-up",
    "/cluster/firewall/options",
    "/nodes/pve1/qemu/100/config",
    "/nodes/pve1/lxc/200/config",
    "/nodes/pve1/lxc/200/status/current",
    "/nodes/pve1/lxc/200/snapshot",
    "/access/users",
    "/access/acl",
    "/access/roles",
    "/access/tfa",
  ])("GET %s is the same twice", async (path) => {
    const first = await call(simulator, "GET", path);
    expect(first).toMatchObject({ status: 200, data: expect.anything() });
    expect(await call(simulator, "GET", path)).toEqual(first);
  });

  test("measurements of a stopped guest have no load", async () => {
    const hour = { timeframe: "hour", cf: "AVERAGE" };
    const running = await list("/nodes/pve1/qemu/100/rrddata", hour);
    expect(running).toHaveLength(70);
    expect(running.at(-1)).toHaveProperty("cpu");
    expect((await list("/nodes/pve1/qemu/108/rrddata", hour)).at(-1)).not.toHaveProperty("cpu");
  });

  test.each([10, 1000])("a cluster of %i guests", async (guests) => {
    const big = await startSimulator({ guests });
    const { data } = await call(big, "GET", "/cluster/resources", { fields: { type: "vm" } });
    expect(data).toHaveLength(guests);
    await big.stop();
  });
});
