import { expect, test } from "vitest";
import { getTaskLog } from "../../src/tools/get-task-log.ts";
import type { ToolContext } from "../../src/tools/tool.ts";
import { openSession } from "../mcp/session.ts";
import { clientOf, startHost } from "../proxmox/host.ts";

interface GuestsResult {
  readonly guests: readonly { vmid: number; name: string | null; node: string; status: string }[];
  readonly total: number;
  readonly next_cursor: string | null;
  readonly unreachable_nodes: readonly string[];
}

test("a node that is down is named and hides nothing of the others", async () => {
  const { call } = await openSession();
  for (const name of [
    "get_nodes",
    "get_cluster_status",
    "get_vms",
    "get_containers",
    "get_storage",
  ]) {
    const { data, text } = await call(name);
    expect(data, name).toMatchObject({ unreachable_nodes: ["pve3"], unreadable: 0 });
    expect(text, name).toContain("Not online: pve3.");
  }
  const { data } = await call("get_vms", { node: "pve3" });
  expect(data).toMatchObject({ guests: [{ vmid: 107, status: "unknown", cpu_fraction: null }] });
  expect((await call("get_node_status", { node: "pve3" })).error.code).toBe("NODE_UNREACHABLE");
  expect((await call("get_vm_status", { vmid: 107 })).error.code).toBe("NODE_UNREACHABLE");
});

test("nodes and the cluster with their figures and units", async () => {
  const { call } = await openSession();
  expect((await call("get_nodes")).data).toMatchObject({
    nodes: [
      { node: "pve1", status: "online", cpu_fraction: 0.21, memory_total_bytes: 64 * 1024 ** 3 },
      { node: "pve2", status: "online" },
      { node: "pve3", status: "offline", cpu_fraction: null, memory_used_bytes: null },
    ],
  });
  expect((await call("get_cluster_status")).data).toMatchObject({
    cluster: { name: "example", quorate: true, nodes_total: 3 },
    nodes: [{ node: "pve1", online: true }, { node: "pve2" }, { node: "pve3", online: false }],
  });
  const { data } = await call("get_node_status", { node: "pve1" });
  expect(data).toMatchObject({ node: "pve1", memory: { total_bytes: 64 * 1024 ** 3 }, cpus: 16 });
});

test("a guest without a name is listed beside the others", async () => {
  const { call } = await openSession();
  const { data, text } = await call("get_vms", { node: "pve2" });
  const { guests } = data as GuestsResult;
  expect(guests.find(({ vmid }) => vmid === 104)?.name).toBeNull();
  expect(guests.length).toBeGreaterThan(2);
  expect(text).toMatch(/^104 +\(unnamed\) /m);
  expect((await call("get_vm_status", { vmid: 104 })).text).toMatch(
    /^VM: 104 \(unnamed\) on pve2$/m,
  );
});

test("guests are filtered by node, status and part of the name", async () => {
  const { call } = await openSession();
  const found = async (tool: string, args: object) =>
    ((await call(tool, { ...args })).data as GuestsResult).guests.map(({ vmid }) => vmid);
  expect(await found("get_vms", { status: "stopped" })).toEqual([102, 108, 900]);
  expect(await found("get_vms", { name: "DATA" })).toEqual([101]);
  expect(await found("get_containers", { node: "pve2", status: "running" })).toEqual([201]);
  expect(await found("get_containers", { name: "stopped" })).toEqual([202]);
  expect(await found("get_containers", { node: "pve9" })).toEqual([]);
});

test("a big cluster comes in pages that join without a gap", async () => {
  const { call } = await openSession({ simulator: { guests: 350 } });
  for (const [tool, limit] of [
    ["get_vms", undefined],
    ["get_containers", 20],
  ] as const) {
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const args = { limit, ...(cursor === null ? {} : { cursor }) };
      const { data, text } = await call(tool, JSON.parse(JSON.stringify(args)));
      const page = data as GuestsResult;
      seen.push(...page.guests.map(({ vmid }) => vmid));
      expect(page.guests.length).toBeLessThanOrEqual(limit ?? 100);
      if (page.next_cursor !== null) expect(text).toContain(`cursor ${page.next_cursor}`);
      cursor = page.next_cursor;
      if (cursor === null) expect(seen).toHaveLength(page.total);
    } while (cursor !== null);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen.length).toBeGreaterThan(100);
  }
});

test("a guest is found where it is, whatever node was asked for", async () => {
  const { call, simulator } = await openSession();
  const { data } = await call("get_vm_status", { vmid: 100, node: "pve2" });
  expect(data).toMatchObject({ vmid: 100, node: "pve1", name: "web", status: "running" });
  const traveller = simulator.state.guests.get(105);
  for (let look = 0; look < 4; look += 1) {
    const outcome = await call("get_vm_config", { vmid: 105, node: "pve1" });
    expect(outcome).toMatchObject({ isError: false, data: { vmid: 105 } });
    expect(["pve1", "pve2"]).toContain(traveller?.node);
  }
});

test("a guest of the other kind, and one that is not there, are told apart", async () => {
  const { call } = await openSession();
  expect((await call("get_vm_status", { vmid: 200 })).text).toBe(
    "error[GUEST_NOT_FOUND]: 200 is a container, no VM. Way out: list the VMs with get_vms, or use a tool for containers.",
  );
  expect((await call("get_container_config", { vmid: 100 })).error).toMatchObject({
    code: "GUEST_NOT_FOUND",
    message: "100 is a VM, no container",
  });
  expect((await call("get_container_status", { vmid: 999 })).error).toMatchObject({
    code: "GUEST_NOT_FOUND",
    message: "there is no container 999",
  });
});

test("a configuration is shown without its secrets", async () => {
  const { call, simulator } = await openSession();
  const guest = simulator.state.guests.get(100);
  if (guest === undefined) throw new Error("the example has no VM 100");
  const sentinel = "5ecre7-hunter2";
  simulator.state.guests.set(100, {
    ...guest,
    config: {
      ...guest.config,
      cipassword: sentinel,
      sshkeys: encodeURIComponent(`ssh-ed25519 ${sentinel} me@example`),
      args: `-object secret,id=s,data=${sentinel}`,
      description: `the web server\nroot password: ${sentinel}`,
      ciuser: "admin",
    },
  });
  const { data, text } = await call("get_vm_config", { vmid: 100 });
  expect(JSON.stringify([data, text])).not.toContain("hunter2");
  expect(data).toMatchObject({
    config: { ciuser: "admin", cipassword: "[redacted]", memory: "2048" },
    redacted: ["cipassword", "sshkeys", "args", "description"],
  });
});

test("storages with use and content; an offline one without", async () => {
  const { call } = await openSession();
  const { data } = await call("get_storage", { node: "pve1" });
  expect(data).toMatchObject({
    total: 4,
    storages: [
      { storage: "archive", status: "unknown", shared: true, used_fraction: null },
      { storage: "backups", shared: true, type: "nfs", used_fraction: 0.97 },
      { storage: "local-lvm", content: ["images", "rootdir"] },
      { storage: "local", content: ["backup", "iso", "vztmpl"] },
    ],
  });
  const volumes = await call("list_storage_content", {
    node: "pve1",
    storage: "local",
    content: "iso",
  });
  expect(volumes.data).toMatchObject({
    total: 1,
    volumes: [{ volume: "local:iso/debian-13.2.0-amd64-netinst.iso", content: "iso", vmid: null }],
  });
  const page = await call("list_storage_content", { node: "pve1", storage: "local-lvm", limit: 3 });
  expect(page.data).toMatchObject({ total: 4, next_cursor: expect.any(String) });
  const own = await call("list_storage_content", { node: "pve1", storage: "local-lvm", vmid: 101 });
  expect(own.data).toMatchObject({ volumes: [{ volume: "local-lvm:vm-101-disk-0", vmid: 101 }] });
});

test("a task tells whether it runs, went well, warned or failed", async () => {
  const { call, simulator } = await openSession();
  const [fine = "", warned = "", failed = ""] = simulator.state.tasks.keys();
  expect((await call("get_task_status", { upid: fine })).data).toMatchObject({
    running: false,
    ok: true,
    warnings: 0,
    exit_status: "OK",
  });
  expect((await call("get_task_status", { upid: warned })).data).toMatchObject({
    ok: true,
    warnings: 1,
    exit_status: "WARNINGS: 1",
  });
  const outcome = await call("get_task_status", { upid: failed });
  expect(outcome.data).toMatchObject({ running: false, ok: false, type: "vzdump", id: "101" });
  expect(outcome.text).toContain("State: FAILED: job errors");
  const task = simulator.state.tasks.get(fine);
  if (task !== undefined) task.end = undefined;
  expect((await call("get_task_status", { upid: fine })).data).toMatchObject({
    running: true,
    ok: null,
    exit_status: null,
  });
});

test("what a task says of its end is shown without what looks like a password", async () => {
  const { call, simulator } = await openSession();
  const failed = [...simulator.state.tasks.values()].filter(
    ({ end }) => end?.exitstatus === "job errors",
  );
  for (const task of failed) {
    const time = task.end?.time ?? 0;
    task.end = { time, exitstatus: "command 'rbd --password 5ecre7-hunter2' failed" };
  }
  expect(failed.length).toBeGreaterThan(0);
  for (const { upid, id } of failed) {
    const told = await call("get_task_status", { upid });
    expect(told.data).toMatchObject({ ok: false, exit_status: expect.stringContaining("rbd") });
    const diagnosed = await call("diagnose_vm_issues", { vmid: id });
    expect(diagnosed.text).toContain("rbd --password [redacted]");
    expect(JSON.stringify([told, diagnosed])).not.toContain("hunter2");
  }
});

test("a task log goes on after a line that could not be read", async () => {
  const lines = Array.from({ length: 300 }, (_, index) => ({ n: index + 1, t: `${index + 1}` }));
  const host = await startHost((request, response) => {
    const { searchParams } = new URL(request.url, "https://host");
    const start = Number(searchParams.get("start"));
    const asked = lines.slice(start, start + Number(searchParams.get("limit")));
    const answered = asked.map((line) => (line.n % 90 === 6 ? { ...line, n: 6.5 } : line));
    response.end(JSON.stringify({ data: answered }));
  });
  const api = clientOf(host);
  const upid = "UPID:pve1:00000001:00000001:00000001:vzdump:100:root@pam:";
  const context = { api, signal: new AbortController().signal } as unknown as ToolContext;
  const seen: number[] = [];
  let start: number | null = 0;
  while (start !== null) {
    const part = (await getTaskLog.run({ upid, start, limit: 100 }, context)) as unknown as LogPart;
    seen.push(...part.lines.map(({ n }) => n));
    start = part.next_start;
  }
  expect(seen).toEqual(lines.map(({ n }) => n).filter((n) => n % 90 !== 6));
});

interface LogPart {
  readonly lines: readonly { readonly n: number }[];
  readonly next_start: number | null;
}

const HOSTILE = "pve\n\u001b[31mIGNORE\r\u202e";

test("names that others gave break no line of a text, and are told to programs as they are", async () => {
  const { call, simulator } = await openSession();
  const { nodes, guests } = simulator.state;
  for (const node of nodes) if (!node.online) Object.assign(node, { name: HOSTILE });
  const guest = guests.get(100);
  if (guest === undefined) throw new Error("the example has no VM 100");
  const config = { ...guest.config, [`x\n\u001b[2J`]: "y\nz" };
  guests.set(100, { ...guest, name: HOSTILE, tags: HOSTILE, config });
  const asked: readonly (readonly [string, object])[] = [
    ["get_nodes", {}],
    ["get_cluster_status", {}],
    ["get_storage", {}],
    ["get_vms", {}],
    ["get_vm_status", { vmid: 100 }],
    ["get_vm_config", { vmid: 100 }],
    ["diagnose_vm_issues", { vmid: 100 }],
    ["analyze_cluster_health", {}],
  ];
  for (const [name, args] of asked) {
    const { text, data } = await call(name, { ...args });
    expect(text, name).toContain("\\u001b[");
    expect(text.replaceAll("\n", ""), name).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text, name).not.toMatch(/^\\u001b/m);
    expect(JSON.stringify(data), name).toContain("\\u001b[");
  }
});

test("a task log comes in parts, without what looks like a password", async () => {
  const { call, simulator } = await openSession();
  const [upid = ""] = simulator.state.tasks.keys();
  const task = simulator.state.tasks.get(upid);
  const lines = ["one", "password=5ecre7-hunter2", "three", "four"];
  task?.log.splice(0, task.log.length, ...lines);
  const first = await call("get_task_log", { upid, limit: 3 });
  expect(first.data).toMatchObject({
    lines: [
      { n: 1, text: "one" },
      { n: 2, text: "password=[redacted]" },
      { n: 3, text: "three" },
    ],
    next_start: 3,
  });
  expect((await call("get_task_log", { upid, start: 3 })).data).toMatchObject({
    lines: [{ n: 4, text: "four" }],
    next_start: null,
  });
});
