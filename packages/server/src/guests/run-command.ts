/** Running a command in a virtual machine to its end. */
import { setTimeout as sleep } from "node:timers/promises";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { asKnownError } from "@proxmox-mcp/crypto/internal";
import { agentExec, agentExecStatus, type ExecStatus } from "../proxmox/agent.ts";
import type { Api } from "../proxmox/api.ts";
import { refuseCancelled } from "../proxmox/refuse-cancelled.ts";

/** A command, and how long it is waited for. */
export interface CommandRun {
  readonly node: string;
  readonly vmid: number;
  readonly argv: readonly string[];
  /** Seconds. */
  readonly timeout: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Ends also the call that starts it, whose answer names its process. */
  readonly ending: AbortSignal;
  readonly progress: (message: string) => void;
  readonly now: () => Date;
}

/** How it ended. */
export interface EndedCommand extends ExecStatus {
  readonly pid: number;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

/**
 * Starts a command through the guest agent and waits until it has ended.
 *
 * @throws ProxmoxMcpError AGENT_UNAVAILABLE where no agent answers, TASK_RUNNING where the command
 * takes longer: it goes on, and the error names its process. Whatever else stops the waiting says
 * that the command may go on.
 */
export async function runCommand(api: Api, run: CommandRun): Promise<EndedCommand> {
  const pid = await start(api, run);
  try {
    return { pid, ...(await end(api, run, pid)) };
  } catch (error) {
    const { code, message, hint } = asKnownError(error);
    if (code === "TASK_RUNNING") throw error;
    const note = `the command was started as process ${pid} and may go on`;
    throw new ProxmoxMcpError(code, `${message}; ${note}`, { hint, cause: error });
  }
}

async function start(api: Api, { node, vmid, argv, signal, ending }: CommandRun): Promise<number> {
  refuseCancelled(signal);
  try {
    return await agentExec(api, { node, vmid, command: argv, signal: ending });
  } catch (error) {
    const { code, message } = asKnownError(error);
    if (code === "PROXMOX_FAILED" && /VM \d+ (?:is )?not running/.test(message)) {
      throw new ProxmoxMcpError("AGENT_UNAVAILABLE", `VM ${vmid} is not running`, {
        hint: "start the machine, then call again",
        cause: error,
      });
    }
    // Something was answered, so it may run. Where no answer came, the client says so itself.
    if (code !== "PROXMOX_ANSWER") throw error;
    throw new ProxmoxMcpError(code, `${message}; the command may have been started`, {
      hint: "look in the guest before you run it again",
      cause: error,
    });
  }
}

async function end(api: Api, run: CommandRun, pid: number): Promise<ExecStatus> {
  const { node, vmid, timeout, signal, progress, now } = run;
  const started = now().getTime();
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const status = await agentExecStatus(api, { node, vmid, pid, signal });
    if (status.exited) return status;
    const passed = now().getTime() - started;
    const left = timeout * 1000 - passed;
    if (left <= 0) {
      throw new ProxmoxMcpError(
        "TASK_RUNNING",
        `the command has not ended after ${timeout} seconds; it goes on in VM ${vmid} as process ${pid}`,
        { hint: "look for the process in the guest, or raise policy.exec.timeout in the config" },
      );
    }
    progress(`process ${pid} has run for ${Math.round(passed / 1000)} s`);
    await pause(Math.min(wait, left), signal);
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    throw new ProxmoxMcpError("CANCELLED", "the call was cancelled", { cause: error });
  }
}
