/** The QEMU guest agent: a service inside a virtual machine. Answers are wrapped differently. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { AGENT_EXEC, AGENT_EXEC_STATUS, AGENT_PING } from "./endpoints.ts";
import { flag, integer, maybe, parseData, text } from "./parse.ts";

/** Which virtual machine is meant, and where it is. */
interface OfMachine extends Abortable {
  readonly node: string;
  readonly vmid: number;
}

/** @throws ProxmoxMcpError AGENT_UNAVAILABLE where none answers. */
export async function agentPing(api: Api, { node, vmid, signal }: OfMachine): Promise<void> {
  await api.call(AGENT_PING, { values: { node, vmid }, signal });
}

/**
 * Starts a command inside a virtual machine, without a shell.
 *
 * @returns the process id to ask `agentExecStatus` for. The command has only begun.
 */
export async function agentExec(
  api: Api,
  { node, vmid, command, signal }: OfMachine & { readonly command: readonly string[] },
): Promise<number> {
  const data = await api.call(AGENT_EXEC, {
    values: { node, vmid },
    parameters: { command },
    signal,
  });
  return parseData(AGENT_EXEC, z.object({ pid: integer }), data).pid;
}

export interface ExecStatus {
  readonly exited: boolean;
  /** Absent where a signal ended it. */
  readonly exitcode?: number | undefined;
  readonly signal?: number | undefined;
  readonly "out-data"?: string | undefined;
  readonly "err-data"?: string | undefined;
  readonly "out-truncated"?: boolean | undefined;
  readonly "err-truncated"?: boolean | undefined;
}

const execStatus = z.object({
  exited: flag,
  exitcode: maybe(integer),
  signal: maybe(integer),
  "out-data": maybe(text),
  "err-data": maybe(text),
  "out-truncated": maybe(flag),
  "err-truncated": maybe(flag),
});

export async function agentExecStatus(
  api: Api,
  { node, vmid, pid, signal }: OfMachine & { readonly pid: number },
): Promise<ExecStatus> {
  const data = await api.call(AGENT_EXEC_STATUS, {
    values: { node, vmid },
    parameters: { pid },
    signal,
  });
  return parseData(AGENT_EXEC_STATUS, execStatus, data);
}
