/** The four tools, asked by a real client, on the simulated cluster. */
import { expect, test } from "vitest";
import type { AnalysisReport, Finding } from "../../src/analysis/report.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { openSession, type Session } from "../mcp/session.ts";

const BARE = {
  user: "mcp@pve",
  tokenName: "bare",
  tokenValue: "66666666-6666-6666-6666-666666666666",
};
// May read and work on VM 100, and nothing else.
const BOB = {
  user: "bob@pve",
  tokenName: "t1",
  tokenValue: "44444444-4444-4444-4444-444444444444",
};
const ANALYSES = [
  "analyze_cluster_health",
  "suggest_resource_optimization",
  "analyze_security_posture",
];

async function analyze(
  { call }: Session,
  name: string,
  args: Record<string, unknown> = {},
): Promise<AnalysisReport & { text: string }> {
  const { data, text, isError, error } = await call(name, args);
  expect(isError, JSON.stringify(error)).toBe(false);
  return { ...(data as AnalysisReport), text };
}

function found({ findings }: AnalysisReport): string[] {
  return findings.map(({ rule, subject }: Finding) => `${rule} ${subject}`);
}

test("the health of a cluster with a node down, a storage full and one inactive", async () => {
  const report = await analyze(await openSession(), "analyze_cluster_health");
  expect(found(report)).toEqual([
    "node.guests-stranded node/pve3",
    "node.offline node/pve3",
    "storage.full storage/backups",
    "storage.inactive storage/archive",
    "cluster.guests-not-backed-up cluster",
    "cluster.no-node-to-lose cluster",
    "node.memory-high node/pve2",
  ]);
  expect(report.checked).toMatchObject({ nodes: 3, guests: 14, storages: 12 });
  expect(report.not_checked).toEqual([
    expect.objectContaining({ what: "status of node pve3", code: "NODE_UNREACHABLE" }),
  ]);
  expect(report.text).toContain("[critical] node/pve3: Node pve3 is offline (node.offline)");
});

test("what is wrong with one guest", async () => {
  const session = await openSession();
  const database = await analyze(session, "diagnose_vm_issues", { node: "pve1", vmid: 101 });
  expect(found(database)).toEqual(
    expect.arrayContaining([
      "guest.cpu-high qemu/101",
      "guest.memory-high qemu/101",
      "guest.not-backed-up qemu/101",
      "guest.task-failed qemu/101",
    ]),
  );
  expect(database.not_checked).toEqual([]);
  const web = await analyze(session, "diagnose_vm_issues", { vmid: 100 });
  expect(found(web)).toContain("guest.snapshots-old qemu/100");
  const dns = await analyze(session, "diagnose_vm_issues", { vmid: 201 });
  expect(found(dns)).toContain("guest.root-filesystem-full lxc/201");
});

test("a guest is found on the node where it is, not where it was asked for", async () => {
  const report = await analyze(await openSession(), "diagnose_vm_issues", {
    node: "pve1",
    vmid: 104,
  });
  expect(found(report)).toContain("guest.on-another-node qemu/104");
});

test("a guest that moves while it is looked at is looked for once more", async () => {
  const report = await analyze(await openSession(), "diagnose_vm_issues", { vmid: 105 });
  expect(report.not_checked).toEqual([]);
  expect(found(report)).toContain("guest.node-memory-high qemu/105");
});

test("guests that move while their day is asked for are looked for once more", async () => {
  const session = await openSession();
  const reports: string[] = [];
  for (let call = 0; call < 4; call += 1) {
    const { not_checked, findings } = await analyze(session, "suggest_resource_optimization");
    expect(not_checked.filter(({ code }) => code === "GUEST_NOT_FOUND")).toEqual([]);
    reports.push(JSON.stringify([not_checked, findings.map(({ subject }) => subject)]));
  }
  expect(new Set(reports).size).toBe(1);
});

test("an agent that does not answer is a finding, and no failure", async () => {
  const { call, simulator } = await openSession({ simulator: { delays: { agent: 0 } } });
  simulator.state.guests.set(103, {
    ...simulator.state.guests.get(103),
    agent: "absent",
  } as NonNullable<ReturnType<typeof simulator.state.guests.get>>);
  const { data } = await call("diagnose_vm_issues", { vmid: 103 });
  expect(found(data as AnalysisReport)).toContain("guest.agent-silent qemu/103");
});

test("of a guest on a node that is down there is what is known, and what is not", async () => {
  const report = await analyze(await openSession(), "diagnose_vm_issues", { vmid: 107 });
  expect(found(report)).toEqual(["guest.unreachable qemu/107"]);
  const [unknown] = report.not_checked;
  expect(unknown).toMatchObject({
    what: "what its node knows of guest 107",
    code: "NODE_UNREACHABLE",
    rules: expect.arrayContaining(["guest.io-error", "guest.no-boot-device", "guest.task-failed"]),
  });
});

test("a guest that is not there is an error with a way out", async () => {
  const { call } = await openSession();
  const { error } = await call("diagnose_vm_issues", { vmid: 555 });
  expect(error).toMatchObject({ code: "GUEST_NOT_FOUND", message: "there is no guest 555" });
  expect(error.hint).toContain("VM.Audit on /vms/555");
});

test("where resources are short or unused", async () => {
  const report = await analyze(await openSession(), "suggest_resource_optimization");
  expect(found(report)).toEqual(
    expect.arrayContaining([
      "guest.cpu-short qemu/101",
      "guest.idle qemu/106",
      "guest.memory-short qemu/101",
      "guest.memory-unused qemu/106",
      "guest.stopped-with-disks qemu/108",
      "storage.full storage/backups",
    ]),
  );
  expect(found(report).join()).not.toContain("qemu/900");
  expect(report.not_checked).toEqual([]);
});

test("who may do too much, and what stands open", async () => {
  const report = await analyze(await openSession(), "analyze_security_posture");
  expect(found(report)).toEqual(
    expect.arrayContaining([
      "token.without-privilege-separation token/root@pam!full",
      "token.expired token/root@pam!old",
      "user.administrator group/admins",
      "user.without-second-factor user/bob@pve",
      "server.excess-privileges token/mcp@pve!example",
      "certificate.expires-soon node/pve2",
    ]),
  );
  expect(found(report)).not.toContain("user.without-second-factor user/alice@pve");
  expect(JSON.stringify(report)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  expect(report.not_checked.map(({ what }) => what)).toEqual(["certificates of node pve3"]);
});

test.each(ANALYSES)("%s: what a token may not see is named with the privilege", async (name) => {
  const { not_checked, findings } = await analyze(await openSession({ token: BARE }), name);
  expect(not_checked.length).toBeGreaterThan(0);
  const privileges = not_checked.map(({ missing_privilege }) => missing_privilege);
  expect(privileges).toEqual(
    expect.arrayContaining(
      {
        analyze_cluster_health: ["Sys.Audit on /", "VM.Audit on /vms", "Sys.Audit on /nodes"],
        suggest_resource_optimization: ["VM.Audit on /vms", "Sys.Audit on /nodes"],
        analyze_security_posture: [
          "Sys.Audit on /",
          "Sys.Audit or Permissions.Modify on /access",
          "Sys.Audit or User.Modify on /access/groups",
        ],
      }[name] ?? [],
    ),
  );
  for (const { rules, what } of not_checked) expect(rules.length, what).toBeGreaterThan(0);
  for (const { rule } of findings) expect(rule).not.toMatch(/quorum|memory|firewall/);
});

test("a guest's token sees its guest, and what it may not see is named", async () => {
  const report = await analyze(await openSession({ token: BOB }), "diagnose_vm_issues", {
    vmid: 100,
  });
  expect(found(report)).toContain("guest.snapshots-old qemu/100");
  expect(report.not_checked).toContainEqual(
    expect.objectContaining({ missing_privilege: "Sys.Audit on /nodes/pve1" }),
  );
});

test("ten thousand guests are analyzed with a bounded number of calls", async () => {
  const simulator = await startSimulator({ guests: 10_000, requestsPerConnection: 100 });
  const session = await openSession({ simulator });
  const report = await analyze(session, "suggest_resource_optimization");
  await simulator.stop();
  expect(report.findings).toHaveLength(200);
  expect(report.omitted["guest.stopped-with-disks"]).toBeGreaterThan(1000);
  expect(report.checked).toMatchObject({ guests: 10_000 });
  expect(report.checked["guests_over_a_day"]).toBeLessThanOrEqual(50);
  expect(report.not_checked).toContainEqual(
    expect.objectContaining({ code: "LIMIT", what: expect.stringMatching(/^the last day of \d+/) }),
  );
});

test("where nobody is let in, the analysis ends with that", async () => {
  const { call } = await openSession({
    simulator: { delays: { unauthorized: 0 } },
    token: { ...BARE, tokenValue: "77777777-7777-7777-7777-777777777777" },
  });
  for (const name of ANALYSES) {
    expect((await call(name)).error.code, name).toBe("PROXMOX_UNAUTHORIZED");
  }
});
