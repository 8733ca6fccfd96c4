/** `execute_vm_command`: runs a command in a virtual machine, where the policy allows it. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ExecPolicy, ServerConfig } from "@proxmox-mcp/crypto/config";
import { z } from "zod";
import { allowedWords } from "../guests/command-policy.ts";
import { findGuest, targetOf } from "../guests/find-guest.ts";
import { runCommand } from "../guests/run-command.ts";
import { AGENT_EXEC, AGENT_EXEC_STATUS, CLUSTER_RESOURCES } from "../proxmox/endpoints.ts";
import { NODE, VMID } from "./arguments.ts";
import { cutToBytes } from "./cut.ts";
import { lines } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";

const COMMAND = "a command line of 1 to 8192 characters";

export const executeVmCommand: Tool = defineTool({
  name: "execute_vm_command",
  title: "Run a command in a virtual machine",
  description:
    "Runs a command in a virtual machine through its QEMU guest agent, waits for its end and gives " +
    "exit code and output. Only commands that policy.exec of the server's config allows are run. " +
    "Without a shell, unless the config says so: no pipes, no variables, no globs.",
  mode: "operate",
  effect: "run-command",
  recorded: ["node", "vmid"],
  calls: [CLUSTER_RESOURCES, AGENT_EXEC, AGENT_EXEC_STATUS],
  input: z.strictObject({
    node: NODE.describe("The node that the virtual machine is on; if it has left, nothing is run"),
    vmid: VMID,
    command: z
      .string({ error: COMMAND })
      .min(1, COMMAND)
      .max(8192, COMMAND)
      .describe("Program and arguments; quotes keep an argument with spaces together"),
  }),
  output: z.object({
    vmid: z.int(),
    node: z.string(),
    pid: z.int().describe("Process id in the guest"),
    exit_code: z.int().nullable().describe("0 is success; null where a signal ended it"),
    signal: z.int().nullable().describe("The signal or exception that ended it"),
    stdout: z.string(),
    stderr: z.string(),
    stdout_truncated: z.boolean().describe("Whether there was more than stdout shows"),
    stderr_truncated: z.boolean().describe("Whether there was more than stderr shows"),
  }),
  async run({ node, vmid, command }, context) {
    const { api, config, signal, about } = context;
    const policy = execPolicy(config);
    const argv = allowedWords(command, policy);
    const guest = await findGuest(api, { type: "qemu", vmid, signal });
    about(targetOf(guest));
    // What was meant for one machine is not run in another by a slip of the id.
    if (guest.node !== node) {
      throw new ProxmoxMcpError(
        "GUEST_NOT_FOUND",
        `VM ${vmid} is on node ${guest.node}, not on ${node}; nothing was run`,
        { hint: `if it is the one that is meant, call again with node ${guest.node}` },
      );
    }
    const { timeout } = policy;
    const ended = await runCommand(api, { ...context, node, vmid, argv, timeout });
    const stdout = cutToBytes(ended["out-data"] ?? "", policy.max_output);
    const stderr = cutToBytes(ended["err-data"] ?? "", policy.max_output);
    return {
      vmid,
      node,
      pid: ended.pid,
      exit_code: ended.exitcode ?? null,
      signal: ended.signal ?? null,
      stdout: stdout.text,
      stderr: stderr.text,
      stdout_truncated: stdout.isCut || ended["out-truncated"] === true,
      stderr_truncated: stderr.isCut || ended["err-truncated"] === true,
    };
  },
  blocks: ["stdout", "stderr"],
  text: (result) => {
    const { vmid, node, exit_code: code, signal } = result;
    const head = lines([
      ["VM", `${vmid} on ${node}`],
      ["Exit code", code ?? `none: ended by signal ${signal ?? "-"}`],
    ]);
    return [
      head,
      ...outputText("stdout", result.stdout, result.stdout_truncated),
      ...outputText("stderr", result.stderr, result.stderr_truncated),
    ].join("\n");
  },
});

function execPolicy({ policy }: ServerConfig): ExecPolicy {
  // The runner lets no call through without a policy; nothing is allowed by one that is not there.
  return policy.exec ?? { allow: [], shell: false, timeout: 0, max_output: 0 };
}

function outputText(name: string, text: string, isTruncated: boolean): readonly string[] {
  if (text === "") return [];
  return ["", `${name}${isTruncated ? " (truncated)" : ""}:`, text.trimEnd()];
}
