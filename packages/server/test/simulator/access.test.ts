/** Who gets in, and what they may do. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { call, exchange, type Response } from "./exchange.ts";

let time = Date.parse("2026-01-31T12:00:00Z");
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ now: () => new Date(time), delays: { unauthorized: 0 } });
});
afterAll(() => simulator.stop());

async function permissions(as: string): Promise<Readonly<Record<string, object>>> {
  const { data } = await call(simulator, "GET", "/access/permissions", { as });
  return data as Readonly<Record<string, object>>;
}

const vmids = async (as: string) => {
  const { data } = await call(simulator, "GET", "/cluster/resources", {
    as,
    fields: { type: "vm" },
  });
  return (data as readonly { vmid: number }[]).map(({ vmid }) => vmid);
};

describe("rights", () => {
  test("a token with privilege separation has none that it was not given", async () => {
    expect(await permissions("mcp@pve!bare")).toEqual({});
    expect(await vmids("mcp@pve!bare")).toEqual([]);
    expect(await call(simulator, "GET", "/cluster/status", { as: "mcp@pve!bare" })).toMatchObject({
      status: 403,
      message: "Permission check failed (/, Sys.Audit)\n",
    });
  });

  test("nor one that its user lost", async () => {
    const { access } = simulator.state;
    const kept = access.grants.filter(({ ugid }) => ugid !== "bob@pve");
    const other = await startSimulator();
    Object.assign(other.state, { access: { ...access, grants: kept } });
    const { data } = await call(other, "GET", "/access/permissions", { as: "bob@pve!t1" });
    expect(data).toEqual({});
    await other.stop();
  });

  test("a token without it has those of its user", async () => {
    expect((await permissions("root@pam!full"))["/"]).toMatchObject({ "Permissions.Modify": 1 });
  });

  test("reach down where they propagate, and lists show what is allowed", async () => {
    expect(await vmids("bob@pve!t1")).toEqual([100]);
    expect((await permissions("bob@pve!t1"))["/vms"]).toBeUndefined();
    expect((await vmids("mcp@pve!example")).length).toBe(14);
  });

  test("what is said nearer replaces what is said above", async () => {
    const granted = await permissions("mcp@pve!example");
    expect(granted["/"]).not.toHaveProperty(["VM.PowerMgmt"]);
    expect(granted["/vms"]).toHaveProperty(["VM.PowerMgmt"], 1);
  });

  test.each(["/nodes", "/cluster/resources"])(
    "GET %s names the nodes to everybody, and their figures to some",
    async (path) => {
      const nodesFor = async (as: string) =>
        (await call(simulator, "GET", path, { as })).data as readonly Record<string, unknown>[];
      expect(await nodesFor("mcp@pve!bare")).toMatchObject([
        { node: "pve1", status: "online" },
        { node: "pve2", status: "online" },
        { node: "pve3", status: "offline" },
      ]);
      expect((await nodesFor("mcp@pve!bare"))[0]).not.toHaveProperty("maxmem");
      const seen = (await nodesFor("root@pam!mcp")).find(({ type }) => type === "node");
      expect(seen).toHaveProperty("maxmem");
    },
  );

  test("are looked at before parameters", async () => {
    const path = "/nodes/pve1/qemu/abc/status/start";
    expect((await call(simulator, "POST", path, { as: "bob@pve!t1" })).status).toBe(403);
    expect((await call(simulator, "POST", path)).status).toBe(400);
  });

  test("your own tasks are yours to see", async () => {
    const { data: upid } = await call(simulator, "POST", "/nodes/pve1/qemu/100/status/start", {
      as: "bob@pve!t1",
    });
    const path = `/nodes/pve1/tasks/${upid}/status`;
    expect((await call(simulator, "GET", path, { as: "bob@pve!t1" })).status).toBe(200);
    expect((await call(simulator, "GET", path, { as: "mcp@pve!bare" })).status).toBe(403);
    expect(
      await call(
        simulator,
        "GET",
        "/nodes/pve1/tasks/UPID:pve1:00000009:00000009:00000009:qmstart:100:root@pam:/status",
      ),
    ).toMatchObject({ status: 400 });
  });
});

describe("a login by password", () => {
  const login = (fields: Record<string, string>) =>
    exchange(simulator, {
      method: "POST",
      path: "/api2/json/access/ticket",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "content-length": String(new URLSearchParams(fields).toString().length),
      },
      body: new URLSearchParams(fields).toString(),
    });
  const dataOf = ({ body }: Response) => JSON.parse(body).data;
  const root = { username: "root@pam", password: "example-password" };

  const start = (headers: Record<string, string>) =>
    exchange(simulator, {
      method: "POST",
      path: "/api2/json/nodes/pve1/qemu/100/status/start",
      headers,
    });

  test("gives a ticket, and a token without which nothing is changed", async () => {
    const { ticket, CSRFPreventionToken, username } = dataOf(await login(root));
    expect(username).toBe("root@pam");
    const cookie = `PVEAuthCookie=${encodeURIComponent(ticket)}`;
    expect(
      (await exchange(simulator, { method: "GET", path: "/api2/json/nodes", headers: { cookie } }))
        .status,
    ).toBe(200);
    expect(await start({ cookie })).toMatchObject({
      status: 401,
      reason: "Permission denied - invalid csrf token",
    });
    expect((await start({ cookie, CSRFPreventionToken })).status).toBe(200);
  });

  test("takes the realm apart too, and a ticket in place of the password", async () => {
    const { ticket } = dataOf(
      await login({ username: "root", realm: "pam", password: root.password }),
    );
    expect((await login({ username: "root@pam", password: ticket })).status).toBe(200);
    expect((await login({ username: "mcp@pve", password: ticket })).status).toBe(401);
  });

  test("is refused where it was made up, or its token is another's", async () => {
    const { ticket } = dataOf(await login(root));
    const other = dataOf(await login({ username: "mcp@pve", password: root.password }));
    const forged = `PVEAuthCookie=${ticket.replace("root@pam", "mcp@pve")}`;
    expect((await start({ cookie: forged })).reason).toBe("permission denied - invalid PVE ticket");
    const { CSRFPreventionToken } = other;
    const cookie = `PVEAuthCookie=${ticket}`;
    expect((await start({ cookie, CSRFPreventionToken })).reason).toBe(
      "Permission denied - invalid csrf token",
    );
  });

  test("lasts for two hours", async () => {
    const { ticket } = dataOf(await login(root));
    const cookie = `PVEAuthCookie=${ticket}`;
    const get = () =>
      exchange(simulator, { method: "GET", path: "/api2/json/version", headers: { cookie } });
    time += 7199_000;
    expect((await get()).status).toBe(200);
    time += 1000;
    expect(await get()).toMatchObject({
      status: 401,
      reason: "permission denied - invalid PVE ticket",
      body: "",
    });
  });

  test.each([
    [{ username: "ghost@pve", password: "x" }, 401],
    [{ username: "off@pve", password: "x" }, 401],
    [{ username: "bob@pve", password: "" }, 401],
    [{ username: "root@pam" }, 400],
  ])("%o is %i", async (fields, status) => {
    expect((await login(fields as Record<string, string>)).status).toBe(status);
  });

  test("of who has a second factor gives half a ticket", async () => {
    const { ticket, NeedTFA } = dataOf(
      await login({ username: "alice@pve", password: "example-password" }),
    );
    expect(NeedTFA).toBe(1);
    const cookie = `PVEAuthCookie=${ticket}`;
    expect(
      (
        await exchange(simulator, {
          method: "GET",
          path: "/api2/json/version",
          headers: { cookie },
        })
      ).status,
    ).toBe(401);
  });
});
