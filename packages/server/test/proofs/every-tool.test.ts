/** A client from npm calls every tool of the built server, through an encrypted config. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ERAS, outcomeOf } from "../mcp/session.ts";
import { scratch } from "../scratch.ts";
import { connect, encryptedConfig, startCluster } from "./stdio-client.ts";

interface Example {
  readonly good: Readonly<Record<string, unknown>>;
  /** A part of the structured result. */
  readonly data: object;
  /** Part of the text for people. */
  readonly text: string;
  readonly bad: Readonly<Record<string, unknown>>;
  /** What the refusal says after the tool's name. */
  readonly refusal: RegExp;
}

const VMID = /^vmid is (missing: |not )a whole number from 100 to 999999999/;
const UNKNOWN = { bad: { nod: "pve1" }, refusal: /^unknown argument nod/ };
const LISTED = { bad: { limit: 0 }, refusal: /^limit is not a whole number from 1 to 1000/ };
const report = { findings: expect.any(Array) };
const containing = (...items: readonly object[]): unknown =>
  expect.arrayContaining(items.map((item) => expect.objectContaining(item)));

function examples(upid: string): Readonly<Record<string, Example>> {
  const badUpid = { bad: { upid: "UPID:x" }, refusal: /^upid is not a UPID/ };
  return {
    get_cluster_status: {
      good: {},
      data: { cluster: expect.objectContaining({ name: "example", nodes_total: 3 }) },
      text: "example",
      ...UNKNOWN,
    },
    get_nodes: { good: {}, data: { unreachable_nodes: ["pve3"] }, text: "pve2", ...UNKNOWN },
    get_node_status: {
      good: { node: "pve1" },
      data: { node: "pve1", cpus: 16 },
      text: "pve1",
      bad: { node: "../pve1" },
      refusal: /^node is not 1 to 63 letters, digits and hyphens$/,
    },
    get_vms: {
      good: { node: "pve1", name: "web" },
      data: { guests: containing({ vmid: 100, name: "web", node: "pve1" }) },
      text: "web",
      ...LISTED,
    },
    get_vm_status: {
      good: { vmid: 100 },
      data: { vmid: 100, node: "pve1", status: "running" },
      text: "VM: 100 (web) on pve1",
      bad: {},
      refusal: VMID,
    },
    get_vm_config: {
      good: { vmid: 100 },
      data: { vmid: 100 },
      text: "100",
      bad: { vmid: "1e3" },
      refusal: VMID,
    },
    get_containers: {
      good: { status: "running" },
      data: { guests: containing({ vmid: 200 }) },
      text: "200",
      bad: { status: 1 },
      refusal: /^status is not /,
    },
    get_container_status: {
      good: { vmid: 200 },
      data: { vmid: 200, status: "running" },
      text: "200",
      bad: { vmid: 99 },
      refusal: VMID,
    },
    get_container_config: {
      good: { vmid: 200 },
      data: { vmid: 200 },
      text: "200",
      bad: { vmid: null },
      refusal: VMID,
    },
    get_storage: {
      good: { node: "pve1" },
      data: { storages: containing({ storage: "local" }) },
      text: "local",
      ...LISTED,
    },
    list_storage_content: {
      good: { node: "pve1", storage: "local" },
      data: { volumes: containing({ content: "iso", vmid: null }) },
      text: "local:iso/",
      bad: { node: "pve1" },
      refusal: /^storage is missing: /,
    },
    get_task_status: { good: { upid }, data: { upid }, text: "Task", ...badUpid },
    get_task_log: {
      good: { upid },
      data: { lines: expect.any(Array) },
      text: "TASK OK",
      ...badUpid,
    },
    analyze_cluster_health: { good: {}, data: report, text: "pve3", ...UNKNOWN },
    diagnose_vm_issues: {
      good: { vmid: 100 },
      data: report,
      text: "100",
      bad: { vmid: -1 },
      refusal: VMID,
    },
    suggest_resource_optimization: {
      good: {},
      data: report,
      text: "Use of resources: ",
      ...UNKNOWN,
    },
    analyze_security_posture: { good: {}, data: report, text: "Security: ", ...UNKNOWN },
    execute_vm_command: {
      good: { node: "pve1", vmid: 100, command: "hostname" },
      data: { exit_code: 0, stdout: "web\n", stdout_truncated: false },
      text: "Exit code: 0",
      bad: { node: "pve1", vmid: 100, command: "" },
      refusal: /^command is not a command line of 1 to 8192 characters$/,
    },
  };
}

test.each(ERAS)("%s: every tool, once with good arguments and once with bad ones", async (era) => {
  const cluster = await startCluster();
  const cwd = scratch();
  const policy = { exec: { allow: ["hostname"] } };
  const config = await encryptedConfig(cluster, { policy });
  expect(config).not.toContain(cluster.tokenValue);
  const { client, stderr } = await connect(era, { cwd, config });
  expect(client.getNegotiatedProtocolVersion()).toBe(era);
  const { tools } = await client.listTools();
  const [upid = ""] = cluster.state.tasks.keys();
  const expected = examples(upid);
  expect(tools.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  const call = async (name: string, args: Record<string, unknown>) =>
    outcomeOf(await client.callTool({ name, arguments: args }));
  for (const [name, { good, data, text, bad, refusal }] of Object.entries(expected)) {
    const done = await call(name, good);
    expect(done, name).toMatchObject({ isError: false, error: undefined });
    expect(done.data, name).toEqual(expect.objectContaining(data));
    expect(done.text, name).toContain(text);

    const asked = cluster.state.listings;
    const { error, ...refused } = await call(name, bad);
    expect(refused, name).toMatchObject({ isError: true, data: undefined });
    expect(error, name).toMatchObject({ code: "USAGE", hint: expect.any(String) });
    expect(error.message.startsWith(`${name}: `), error.message).toBe(true);
    expect(error.message.slice(name.length + 2)).toMatch(refusal);
    expect(refused.text).toBe(`error[USAGE]: ${error.message}. Way out: ${error.hint}.`);
    expect(cluster.state.listings, name).toBe(asked);
  }
  expect(stderr()).not.toMatch(/"level":"(error|fatal)"/);
  expect(readFileSync(join(cwd, "config.json"), "utf8")).toBe(config);
});
