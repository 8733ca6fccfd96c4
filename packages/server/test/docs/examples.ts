/** An example call of every tool, on a simulated cluster where it is always the same noon. */
import { SecretText, type ServerConfig } from "@proxmox-mcp/crypto/config";
import { openClient } from "../../src/proxmox/client.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import type { Tool } from "../../src/tools/tool.ts";

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
};

/** The policy under which `execute_vm_command` runs here. */
export const POLICY: NonNullable<ServerConfig["policy"]> = {
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
  const auth = { user, token_name: tokenName, token_value: new SecretText(tokenValue) };
  const api = openClient({
    target: { host, port },
    credentials: { user, tokenName, tokenValue: auth.token_value },
    tls: { fingerprint },
  });
  const config: ServerConfig = {
    proxmox: { host, port, verify_ssl: true, service: "PVE", timeout: 30_000, retry_attempts: 3 },
    auth,
    policy: POLICY,
    logging: { level: "INFO", file: null },
  };
  const [upid] = [...state.tasks.keys()].slice(-1);
  const args = "upid" in given ? { ...given, upid } : given;
  const { signal } = new AbortController();
  try {
    const context = { api, config, signal, now, progress: () => {} };
    const result = tool.output.parse(await tool.run(tool.input.parse(args), context));
    return { args, result, text: tool.text(result) };
  } finally {
    await api.close();
    await simulator.stop();
  }
}
