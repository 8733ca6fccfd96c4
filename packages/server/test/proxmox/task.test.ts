import { describe, expect, it } from "vitest";
import { awaitTask } from "../../src/proxmox/await-task.ts";
import { parseUpid } from "../../src/proxmox/upid.ts";
import { clientOf, failureOf, type Handler, startHost } from "./host.ts";

const UPID = "UPID:pve1:0000A1B2:00C3D4E5:655F0000:qmstart:100:root@pam!mcp:";
const PACE = { first: 1, longest: 1 };

/** A task that is seen running so many times and then ends so. */
function task(running: number, exitstatus?: string, log: readonly string[] = []): Handler {
  let left = running;
  return ({ url }, response) => {
    if (url.includes("/log")) {
      const data = log.map((t, index) => ({ n: index + 1, t }));
      return response.end(JSON.stringify({ data }));
    }
    left -= 1;
    const status = left >= 0 ? { status: "running" } : { status: "stopped", exitstatus };
    return response.end(JSON.stringify({ data: status }));
  };
}

describe("awaitTask", () => {
  it("waits for the end, and tells of each look", async () => {
    const host = await startHost(task(3, "OK"));
    const seen: string[] = [];
    const progress = (message: string) => seen.push(message);
    const outcome = await awaitTask(clientOf(host), UPID, { progress, pace: PACE });
    expect(outcome).toEqual({ upid: UPID, warnings: 0 });
    expect(seen).toHaveLength(3);
    expect(seen[0]).toMatch(/^qmstart 100 runs for \d+ s$/);
    expect(new Set(host.seen.map(({ url }) => url))).toEqual(
      new Set([`/api2/json/nodes/pve1/tasks/${encodeURIComponent(UPID)}/status`]),
    );
  });

  it("counts warnings, which are no failure", async () => {
    const host = await startHost(task(0, "WARNINGS: 2"));
    expect(await awaitTask(clientOf(host), UPID)).toEqual({ upid: UPID, warnings: 2 });
  });

  it.each([
    ["start failed: QEMU exited with code 1", [], "start failed: QEMU exited with code 1"],
    ["interrupted by signal", [], "interrupted by signal"],
    [undefined, ["begin", "TASK ERROR: no space left"], "TASK ERROR: no space left"],
    [undefined, [], "it does not say why"],
    ["WARNINGS: many", [], "WARNINGS: many"],
    ["ok", [], "ok"],
  ])("fails with what the task says: %s", async (exitstatus, log, reason) => {
    const host = await startHost(task(1, exitstatus, log));
    expect(await failureOf(awaitTask(clientOf(host), UPID, { pace: PACE }))).toMatchObject({
      code: "TASK_FAILED",
      message: `task qmstart 100 on pve1 failed: ${reason}`,
      hint: expect.stringContaining(UPID),
    });
  });

  it("is no success while the task runs", async () => {
    const host = await startHost(task(Number.POSITIVE_INFINITY));
    const failure = await failureOf(awaitTask(clientOf(host), UPID, { timeout: 0, pace: PACE }));
    expect(failure).toMatchObject({ code: "TASK_RUNNING", hint: expect.stringContaining(UPID) });
  });

  it("ends with its signal, and says that the task goes on", async () => {
    const host = await startHost(task(Number.POSITIVE_INFINITY));
    const caller = new AbortController();
    const call = awaitTask(clientOf(host), UPID, {
      signal: caller.signal,
      progress: () => setImmediate(() => caller.abort()),
      pace: { first: 60_000, longest: 60_000 },
    });
    expect(await failureOf(call)).toMatchObject({
      code: "CANCELLED",
      hint: expect.stringContaining("goes on"),
    });
  });

  it("asks nothing about what is no task", async () => {
    const host = await startHost(task(0, "OK"));
    expect((await failureOf(awaitTask(clientOf(host), "null"))).code).toBe("PROXMOX_INVALID");
    expect(host.seen).toHaveLength(0);
  });
});

describe("parseUpid", () => {
  it("takes it apart", () => {
    expect(parseUpid(UPID)).toEqual({
      upid: UPID,
      node: "pve1",
      starttime: 0x655f0000,
      type: "qmstart",
      id: "100",
      user: "root@pam!mcp",
    });
    expect(parseUpid("UPID:n-1:00000001:123456789:655F0000:aptupdate::root@pam:").id).toBe("");
  });

  it.each([
    "",
    "UPID:bad",
    UPID.slice(0, -1),
    `${UPID}x`,
    UPID.replace("pve1", "../x"),
    ` ${UPID}`,
    `${UPID}\n`,
  ])("refuses %j", (text) => {
    expect(() => parseUpid(text)).toThrow(expect.objectContaining({ code: "PROXMOX_INVALID" }));
  });
});
