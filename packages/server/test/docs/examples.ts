/** An example call of every tool, on a simulated cluster where it is always the same noon. */
import { defaultSections, type PolicySection, SecretText } from "@proxmox-mcp/crypto/config";
import { openClient } from "../../src/proxmox/client.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { clusterConfig } from "../config.ts";

/** The arguments of each example. */
export const EXAMPLES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  get_cluster_status: {},
  get_nodes: {},
  get_node_status: { node: "pve1" },
  get_vms: { node: "pve1", limit: 3 },
  get_vm_status: { vmid: 100 },
  get_vm_config: { vmid: 100 },
  get_containers: { status: "running" },
  get_container_status: { vmid: 200 },
  get_container_config: { vmid: 200 },
  get_storage: { name: "local" },
  list_storage_content: { node: "pve1", storage: "local" },
  get_task_status: { upid: "" },
  get_task_log: { upid: "", limit: 5 },
  analyze_cluster_health: {},
  diagnose_vm_issues: { vmid: 101 },
  suggest_resource_optimization: {},
  analyze_security_posture: {},
  execute_vm_command: { node: "pve1", vmid: 100, command: "df -h /" },
  start_vm: { vmid: 108 },
  stop_vm: { vmid: 106 },
  shutdown_vm: { vmid: 103 },
  reboot_vm: { vmid: 106 },
  start_container: { vmid: 202 },
  stop_container: { vmid: 200 },
  shutdown_container: { vmid: 201 },
  reboot_container: { vmid: 200 },
  create_snapshot: { vmid: 100, snapshot: "before-change", description: "before the new release" },
  list_snapshots: { vmid: 100 },
  rollback_snapshot: { vmid: 100, snapshot: "before-upgrade", confirm: "web" },
  delete_snapshot: { vmid: 100, snapshot: "installed", confirm: "web" },
  clone_vm: { vmid: 900, name: "web-2", full: false },
  create_vm: {
    node: "pve1",
    name: "build",
    cores: 4,
    memory_mib: 8192,
    storage: "local-lvm",
    disk_gib: 64,
    iso: "local:iso/debian-13.2.0-amd64-netinst.iso",
    dry_run: true,
  },
  delete_vm: { vmid: 108, confirm: "stopped" },
  create_container: {
    node: "pve1",
    hostname: "cache",
    template: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    storage: "local-lvm",
    disk_gib: 8,
    ssh_public_keys: [
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me@example",
    ],
  },
  delete_container: { vmid: 202, dry_run: true },
};

/** The policy under which `execute_vm_command` runs here. */
export const POLICY: PolicySection = {
  ...defaultSections().policy,
  exec: { allow: ["df **", "systemctl status *"], shell: false, timeout: 30, max_output: 65_536 },
};

/** A call and what came of it. */
export interface Example {
  readonly args: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Runs the example of a tool, or a call of one's own. */
export async function exampleOf(
  tool: Tool,
  given: Example["args"] = EXAMPLES[tool.name] ?? {},
): Promise<Example> {
  const now = () => new Date("2026-11-22T12:00:00Z");
  const simulator = await startSimulator({ now, random: (size) => new Uint8Array(size).fill(7) });
  const { host, port, fingerprint, user, tokenName, tokenValue, state } = simulator;
  const api = openClient({
    target: { host, port },
    credentials: { user, tokenName, tokenValue: new SecretText(tokenValue) },
    tls: { fingerprint },
  });
  const config = clusterConfig(simulator, { policy: POLICY });
  const [upid] = [...state.tasks.keys()].slice(-1);
  const args = "upid" in given ? { ...given, upid } : given;
  const { signal } = new AbortController();
  try {
    const nothing = () => {};
    const approve = () => Promise.resolve();
    const records = { about: nothing, started: nothing };
    const signals = { signal, ending: signal };
    const context = { api, config, ...signals, now, progress: nothing, approve, ...records };
    const result = tool.output.parse(await tool.run(tool.input.parse(args), context));
    return { args, result, text: tool.text(result) };
  } finally {
    await api.close();
    await simulator.stop();
  }
}
