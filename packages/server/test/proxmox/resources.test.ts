import { describe, expect, it } from "vitest";
import { acl, secondFactors, users } from "../../src/proxmox/access.ts";
import { agentExec, agentExecStatus } from "../../src/proxmox/agent.ts";
import type { Api } from "../../src/proxmox/api.ts";
import { notBackedUp } from "../../src/proxmox/backup.ts";
import { clusterFirewall, clusterStatus, haStatus } from "../../src/proxmox/cluster.ts";
import { guestConfig, guestLoad, guestSnapshots, guestStatus } from "../../src/proxmox/guest.ts";
import { listNodes, nodeCertificates, nodeStatus } from "../../src/proxmox/nodes.ts";
import { hasPrivilege, permissions } from "../../src/proxmox/permissions.ts";
import { clusterResources } from "../../src/proxmox/resources.ts";
import { storageContent } from "../../src/proxmox/storage.ts";
import { listTasks, taskLog, taskStatus } from "../../src/proxmox/tasks.ts";
import { version } from "../../src/proxmox/version.ts";
import { clientOf, data, failureOf, startHost } from "./host.ts";

const GUEST = { node: "pve1", vmid: 100 };
const VM = { ...GUEST, type: "qemu" } as const;
const CONTAINER = { ...GUEST, type: "lxc" } as const;

/** What a function makes of this data, over a real connection. */
async function reading<Result>(
  value: unknown,
  read: (api: Api) => Promise<Result>,
): Promise<Result> {
  return await read(clientOf(await startHost(data(value))));
}

/** What a function asks for. */
async function asking(read: (api: Api) => Promise<unknown>): Promise<string | undefined> {
  const host = await startHost(data([]));
  await read(clientOf(host)).catch(() => undefined);
  return host.seen[0]?.url.replace("/api2/json", "");
}

describe("clusterResources", () => {
  const VM = { type: "qemu", id: "qemu/100", vmid: 100, node: "pve1", status: "running" };

  it.each([100.5, 1e300, "100.5", "x", null])("leaves out a guest of the id %j", async (vmid) => {
    const resources = await reading([{ ...VM, vmid }, VM], (api) => clusterResources(api));
    expect(resources).toMatchObject({ guests: [{ vmid: 100 }], unreadable: 1 });
    expect(resources.guests).toHaveLength(1);
  });

  it("reads guests, nodes and storages, each by its kind", async () => {
    const resources = await reading(
      [
        { ...VM, name: "web", template: 0, maxcpu: 2, cpu: 0.0249, mem: 842551296, tags: "a;b" },
        { ...VM, type: "lxc", id: "lxc/101", vmid: "101", template: "1", name: 42, cpu: "0.5" },
        { type: "node", id: "node/pve1", node: "pve1", status: "online", maxmem: 33568288768 },
        {
          type: "storage",
          id: "storage/pve1/local",
          storage: "local",
          node: "pve1",
          status: "available",
          shared: 1,
        },
        { type: "pool", id: "/pool/x", pool: "x" },
        { type: "sdn", id: "sdn/pve1/localnetwork", sdn: "localnetwork" },
        { type: "network", id: "network/x" },
      ],
      (api) => clusterResources(api),
    );
    expect(resources).toMatchObject({
      guests: [
        { type: "qemu", vmid: 100, name: "web", template: false, cpu: 0.0249, tags: "a;b" },
        { type: "lxc", vmid: 101, name: "42", template: true, cpu: 0.5 },
      ],
      nodes: [{ node: "pve1", status: "online", maxmem: 33568288768 }],
      storages: [{ storage: "local", node: "pve1", shared: true }],
      unreadable: 0,
    });
  });

  it("keeps a guest without a name, without a status, or with parts that make no sense", async () => {
    const resources = await reading(
      [VM, { ...VM, vmid: 101, status: null, cpu: "much", mem: null, template: {} }],
      (api) => clusterResources(api),
    );
    expect(resources.unreadable).toBe(0);
    expect(resources.guests).toMatchObject([
      { vmid: 100, template: false },
      { vmid: 101, status: "unknown", template: false },
    ]);
    for (const { name, cpu, mem } of resources.guests)
      expect([name, cpu, mem]).toEqual([undefined, undefined, undefined]);
  });

  it("leaves out and counts what cannot be read, and keeps the rest", async () => {
    const broken = [
      null,
      7,
      "x",
      [],
      {},
      { type: "qemu" },
      { ...VM, vmid: "x" },
      { ...VM, node: null },
    ];
    const resources = await reading([...broken, VM], (api) => clusterResources(api));
    expect(resources.guests).toHaveLength(1);
    expect(resources.unreadable).toBe(broken.length);
  });

  it.each([null, {}, "x", 7, { guests: [] }])("takes %j for no answer", async (value) => {
    const host = await startHost(data(value));
    expect(await failureOf(clusterResources(clientOf(host)))).toMatchObject({
      code: "PROXMOX_ANSWER",
      message: "GET /cluster/resources was answered with no list",
    });
  });
});

describe("clusterStatus", () => {
  const NODE = {
    type: "node",
    id: "node/pve1",
    name: "pve1",
    nodeid: 1,
    ip: "192.0.2.1",
    online: 1,
    local: 0,
  };
  const CLUSTER = { type: "cluster", id: "cluster", name: "lab", quorate: 1, nodes: 3, version: 4 };

  it("finds the cluster wherever it stands in the list", async () => {
    for (const entries of [
      [CLUSTER, NODE],
      [NODE, CLUSTER],
    ]) {
      const status = await reading(entries, (api) => clusterStatus(api));
      expect(status).toEqual({
        cluster: { name: "lab", quorate: true, nodes: 3, version: 4 },
        nodes: [{ name: "pve1", online: true, local: false, nodeid: 1, ip: "192.0.2.1" }],
        unreadable: 0,
      });
    }
  });

  it("knows hosts without a cluster, and clusters without quorum", async () => {
    const alone = await reading([{ ...NODE, local: 1 }], (api) => clusterStatus(api));
    expect(alone.cluster).toBeUndefined();
    expect(alone.nodes).toMatchObject([{ local: true }]);
    const split = await reading(
      [
        { ...CLUSTER, quorate: "0" },
        { ...NODE, online: 0 },
      ],
      (api) => clusterStatus(api),
    );
    expect(split).toMatchObject({ cluster: { quorate: false }, nodes: [{ online: false }] });
  });
});

describe("the rest of the cluster", () => {
  it("high availability", async () => {
    const entries = [
      { id: "quorum", type: "quorum", status: "OK", node: "pve1", quorate: 1 },
      {
        id: "service:vm:100",
        type: "service",
        sid: "vm:100",
        state: "error",
        node: "pve1",
        status: "vm:100 (pve1, error)",
      },
    ];
    expect(await reading(entries, (api) => haStatus(api))).toMatchObject({
      items: [{ quorate: true }, { sid: "vm:100", state: "error" }],
      unreadable: 0,
    });
  });

  it.each([
    [{ enable: 1, policy_in: "DROP" }, true],
    [{ enable: 1700000000 }, true],
    [{ enable: 0 }, false],
    [{ enable: "0" }, false],
    [{}, false],
  ])("the firewall %j", async (options, enable) => {
    expect(await reading(options, (api) => clusterFirewall(api))).toMatchObject({ enable });
  });

  it("guests without a backup job", async () => {
    const guests = [
      { vmid: 100, type: "qemu", name: "web" },
      { vmid: "101", type: "lxc" },
      { vmid: "x", type: "qemu" },
    ];
    expect(await reading(guests, (api) => notBackedUp(api))).toMatchObject({
      items: [{ vmid: 100 }, { vmid: 101 }],
      unreadable: 1,
    });
  });

  it("the version", async () => {
    expect(await reading({ version: "9.2.11", release: 9.2 }, (api) => version(api))).toMatchObject(
      {
        version: "9.2.11",
        release: "9.2",
      },
    );
    expect((await failureOf(reading({}, (api) => version(api)))).message).toBe(
      "GET /version was answered with data of another shape at version",
    );
  });
});

describe("nodes", () => {
  it("in a list, one of them down", async () => {
    const nodes = [
      { node: "pve1", status: "online", cpu: 0.0034, type: "node" },
      { node: "pve3", status: "offline" },
    ];
    expect(await reading(nodes, (api) => listNodes(api))).toMatchObject({
      items: [
        { node: "pve1", cpu: 0.0034 },
        { node: "pve3", status: "offline" },
      ],
      unreadable: 0,
    });
  });

  it("one by one: load averages come as texts", async () => {
    const status = {
      loadavg: ["0.15", "0.25", "0.30"],
      memory: { used: 2147483648, total: "8589934592" },
      cpuinfo: { model: "Example", cpus: 8, cores: 4, sockets: 1 },
      pveversion: "pve-manager/9.2.11/0123456789abcdef",
    };
    expect(await reading(status, (api) => nodeStatus(api, { node: "pve1" }))).toMatchObject({
      loadavg: [0.15, 0.25, 0.3],
      memory: { used: 2147483648, total: 8589934592 },
      cpuinfo: { cpus: 8 },
    });
  });

  it("their certificates", async () => {
    const certificates = [{ filename: "pve-ssl.pem", notafter: 1735689600 }, { filename: "x" }];
    expect(
      await reading(certificates, (api) => nodeCertificates(api, { node: "pve1" })),
    ).toMatchObject({
      items: [{ notafter: 1735689600 }, { filename: "x" }],
    });
  });
});

describe("guests", () => {
  const STATUS = {
    vmid: 100,
    status: "running",
    cpus: 2,
    cpu: 0.1,
    ha: { managed: 1, state: "started" },
  };

  it("their status", async () => {
    expect(
      await reading({ ...STATUS, agent: 1, qmpstatus: "paused" }, (api) => guestStatus(api, VM)),
    ).toMatchObject({
      status: "running",
      agent: true,
      qmpstatus: "paused",
      ha: { managed: true, state: "started" },
    });
    expect(
      await reading({ ...STATUS, cpus: "2" }, (api) => guestStatus(api, CONTAINER)),
    ).toMatchObject({ status: "running", cpus: 2 });
  });

  it("their configuration, option by option", async () => {
    const config = {
      name: "web",
      cores: 2,
      scsi0: "local:100,size=8G",
      lxc: [["a", "b"]],
      nothing: null,
    };
    const expected = { name: "web", cores: 2, scsi0: "local:100,size=8G" };
    expect(await reading(config, (api) => guestConfig(api, VM))).toEqual(expected);
    expect(await reading(config, (api) => guestConfig(api, CONTAINER))).toEqual(expected);
  });

  it("their snapshots, less the running state", async () => {
    const snapshots = [
      { name: "before", snaptime: 1609459200, vmstate: 1, description: "password=example" },
      { name: "current", parent: "before", description: "You are here!" },
    ];
    for (const guest of [VM, CONTAINER]) {
      const { items } = await reading(snapshots, (api) => guestSnapshots(api, guest));
      const description = "password=[redacted]";
      expect(items).toEqual([{ name: "before", snaptime: 1609459200, vmstate: true, description }]);
    }
  });

  it("their load, with gaps where they did not run", async () => {
    const points = [
      { time: 1693110660, maxcpu: 4 },
      { time: 1693110720, cpu: 0.5, mem: 1 },
      { cpu: 1 },
    ];
    for (const guest of [VM, CONTAINER]) {
      const load = await reading(points, (api) => guestLoad(api, { ...guest, timeframe: "hour" }));
      expect(load).toMatchObject({ items: [{ time: 1693110660 }, { cpu: 0.5 }], unreadable: 1 });
    }
  });

  it("commands in them", async () => {
    const host = await startHost(data({ pid: 4711 }));
    expect(await agentExec(clientOf(host), { ...GUEST, command: ["ls", "-l", "a b"] })).toBe(4711);
    expect(host.seen[0]?.body).toBe("command=ls&command=-l&command=a+b");
    const ended = { exited: 1, exitcode: 2, "err-data": "no", "out-truncated": 1 };
    expect(
      await reading(ended, (api) => agentExecStatus(api, { ...GUEST, pid: 4711 })),
    ).toMatchObject({
      exited: true,
      exitcode: 2,
      "err-data": "no",
      "out-truncated": true,
    });
  });
});

describe("storage, tasks and access", () => {
  it("volumes", async () => {
    const volumes = [
      { volid: "local:backup/x", content: "backup", size: 1, vmid: "100", protected: 1 },
      { size: 1 },
    ];
    expect(
      await reading(volumes, (api) => storageContent(api, { node: "pve1", storage: "local" })),
    ).toMatchObject({
      items: [{ volid: "local:backup/x", vmid: 100, protected: true }],
      unreadable: 1,
    });
  });

  it("tasks", async () => {
    const upid = "UPID:pve1:00000002:00000002:00000002:test:1:root@pam:";
    const task = { upid, node: "pve1", type: "qmstart", id: 100, starttime: 1, user: "root@pam" };
    expect(await reading([task], (api) => listTasks(api, { node: "pve1" }))).toMatchObject({
      items: [{ upid, type: "qmstart", starttime: 1 }],
    });
    const lines = [
      { n: 1, t: "started" },
      { n: 2, t: null },
    ];
    expect(await reading(lines, (api) => taskLog(api, { node: "pve1", upid }))).toMatchObject({
      items: [
        { n: 1, t: "started" },
        { n: 2, t: "" },
      ],
    });
    const failure = await failureOf(
      reading(null, (api) => taskStatus(api, { node: "pve1", upid })),
    );
    expect(failure.code).toBe("PROXMOX_ANSWER");
  });

  it("users with their tokens, access control, second factors", async () => {
    const people = [
      {
        userid: "root@pam",
        enable: 1,
        expire: 0,
        tokens: [{ tokenid: "a", privsep: 0, expire: 5 }],
      },
      { userid: "off@pve", enable: 0 },
    ];
    expect(await reading(people, (api) => users(api, { full: true }))).toMatchObject({
      items: [
        { userid: "root@pam", enable: true, tokens: [{ tokenid: "a", privsep: false, expire: 5 }] },
        { userid: "off@pve", enable: false, expire: 0, tokens: [] },
      ],
    });
    const entries = [{ path: "/", roleid: "PVEAdmin", ugid: "x", type: "group", propagate: 1 }];
    expect(await reading(entries, (api) => acl(api))).toMatchObject({
      items: [{ propagate: true }],
    });
    const factors = [
      { userid: "root@pam", entries: [{ id: "1", type: "totp", enable: 0 }] },
      { userid: "x@pve" },
    ];
    expect(await reading(factors, (api) => secondFactors(api))).toMatchObject({
      items: [{ entries: [{ type: "totp", enable: false }] }, { entries: [] }],
    });
  });
});

describe("what is asked for", () => {
  it.each<[string, (api: Api) => Promise<unknown>]>([
    ["/cluster/resources", (api) => clusterResources(api)],
    ["/access/users?full=1", (api) => users(api, { full: true })],
    [
      "/nodes/pve1/qemu/100/rrddata?timeframe=day&cf=MAX",
      (api) => guestLoad(api, { ...VM, timeframe: "day", cf: "MAX" }),
    ],
    [
      "/nodes/pve1/lxc/100/rrddata?timeframe=week",
      (api) => guestLoad(api, { ...CONTAINER, timeframe: "week" }),
    ],
    [
      "/nodes/pve1/tasks?vmid=100&limit=5&since=7",
      (api) => listTasks(api, { ...GUEST, limit: 5, since: 7 }),
    ],
    [
      "/nodes/pve1/storage/a%20b/content?content=iso",
      (api) => storageContent(api, { node: "pve1", storage: "a b", content: "iso" }),
    ],
    [
      "/nodes/pve1/qemu/100/agent/exec-status?pid=5",
      (api) => agentExecStatus(api, { ...GUEST, pid: 5 }),
    ],
    [
      "/nodes/pve1/tasks/UPID%3Ax/log?start=0&limit=10",
      (api) => taskLog(api, { node: "pve1", upid: "UPID:x", start: 0, limit: 10 }),
    ],
  ])("%s", async (url, read) => expect(await asking(read)).toBe(url));
});

describe("permissions", () => {
  const granted = {
    "/": { "Sys.Audit": 1, "VM.Audit": 0 },
    "/nodes": { "Sys.Audit": 1 },
    "/vms": { "VM.Audit": 1, "VM.Console": 0 },
    "/vms/100": { "VM.PowerMgmt": "1" },
  };

  it.each([
    ["/", "Sys.Audit", true],
    ["/", "VM.Audit", true],
    ["/nodes/pve1", "Sys.Audit", true],
    ["/nodes/pve1", "VM.Audit", false],
    ["/vms", "VM.Console", true],
    ["/vms/101", "VM.Console", false],
    ["/vms/101", "VM.Audit", true],
    ["/vms/100", "VM.PowerMgmt", true],
    ["/vms/100", "VM.Audit", false],
    ["/vms/100", "toString", false],
    ["/storage/local", "Datastore.Audit", false],
  ])("on %s, %s: %s", async (path, privilege, expected) => {
    const mine = await reading(granted, (api) => permissions(api));
    expect(hasPrivilege(mine, path, privilege)).toBe(expected);
  });

  it("of another shape are told where, in one printable line", async () => {
    const odd = { "/": { "evil\u001b[2J\nkey": "nope" } };
    const failure = await failureOf(reading(odd, (api) => permissions(api)));
    expect(failure).toMatchObject({
      code: "PROXMOX_ANSWER",
      message: expect.stringMatching(/with data of another shape at \/\.evil\\u001b\[2J key$/),
    });
  });

  it("of nobody are none", () => expect(hasPrivilege({}, "/vms/100", "VM.Audit")).toBe(false));
});

describe("what is counted in whole numbers", () => {
  it.each([1.5, 1e300])("is not read from %j", async (odd) => {
    const status = await reading(
      { exited: 1, exitcode: odd, signal: odd, "out-data": "x" },
      (api) => agentExecStatus(api, { ...GUEST, pid: 7 }),
    );
    expect(status).toMatchObject({ exited: true, "out-data": "x" });
    expect([status.exitcode, status.signal]).toEqual([undefined, undefined]);
    const started = reading({ pid: odd }, (api) => agentExec(api, { ...GUEST, command: ["x"] }));
    expect((await failureOf(started)).code).toBe("PROXMOX_ANSWER");
    const uncovered = await reading([{ vmid: odd }, { vmid: 100 }], (api) => notBackedUp(api));
    expect(uncovered).toEqual({ items: [{ vmid: 100 }], unreadable: 1 });
  });
});
