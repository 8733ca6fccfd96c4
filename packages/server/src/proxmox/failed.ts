/** Failures that Proxmox tells as status 5xx with a text; some texts have a meaning of their own. */
import { type ErrorCode, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Question } from "./question.ts";
import { quotable } from "./upstream-text.ts";

interface Known {
  readonly text: RegExp;
  readonly code: ErrorCode;
  /** Default: what Proxmox says. */
  readonly message?: (question: Question) => string;
  readonly hint: string;
}

const AGENT = "start qemu-guest-agent inside the guest, and set the option agent of the machine";

const KNOWN: readonly Known[] = [
  {
    text: /Configuration file '[^']*\/(?:qemu-server|lxc)\/\d+\.conf' does not exist/,
    code: "GUEST_NOT_FOUND",
    message: ({ values }) =>
      `there is no guest ${values["vmid"]} of this kind on node ${values["node"]}`,
    hint: "see get_vms and get_containers for the guests and where they are now",
  },
  {
    text: /No QEMU guest agent configured/i,
    code: "AGENT_UNAVAILABLE",
    message: ({ values }) => `no QEMU guest agent is configured for guest ${values["vmid"]}`,
    hint: AGENT,
  },
  {
    text: /QEMU guest agent is not running/i,
    code: "AGENT_UNAVAILABLE",
    message: ({ values }) => `the QEMU guest agent of guest ${values["vmid"]} is not running`,
    hint: AGENT,
  },
  {
    text: /'guest-[a-z-]+' failed - (?:got timeout|unable to connect)/i,
    code: "AGENT_UNAVAILABLE",
    message: ({ values }) => `the QEMU guest agent of guest ${values["vmid"]} does not answer`,
    hint: AGENT,
  },
  {
    text: /Command guest-[a-z-]+ has been disabled/i,
    code: "AGENT_UNAVAILABLE",
    hint: "allow the command in the configuration of qemu-guest-agent inside the guest",
  },
  {
    text: /(?:VM|CT)(?: \d+)? is locked|can't lock file '[^']*\/(?:qemu-server|lxc)\//i,
    code: "GUEST_STATE",
    hint: "another task works on the guest: wait for its end, then call again",
  },
  {
    text: /protection mode enabled/i,
    code: "GUEST_STATE",
    hint: "somebody protected the guest: the option protection has to be taken off by a person first",
  },
  {
    text: /used in HA resources/i,
    code: "GUEST_STATE",
    hint: "call again with purge true, which takes it out of high availability too",
  },
  {
    text: /is running - destroy failed|container is running/i,
    code: "GUEST_STATE",
    hint: "shut the guest down first",
  },
  {
    text: /(?:VM|CT) \d+ already (?:exists|running)|config file already exists/i,
    code: "GUEST_STATE",
    hint: "see get_vms and get_containers for the guests there are and their state",
  },
  {
    text: /hostname lookup '[^']*' failed|no such cluster node/i,
    code: "PROXMOX_FAILED",
    hint: "see get_nodes for the names of the nodes",
  },
  {
    text: /VM \d+ (?:is )?not running/i,
    code: "PROXMOX_FAILED",
    hint: "start the guest first",
  },
];

/** @param said what Proxmox says, its secrets hidden. */
export function failed(status: number, said: string, question: Question): ProxmoxMcpError {
  const { asked, endpoint } = question;
  const known = KNOWN.find(({ text }) => text.test(said));
  const reason = quotable(said);
  if (known?.message !== undefined) {
    return new ProxmoxMcpError(known.code, quotable(known.message(question)), { hint: known.hint });
  }
  const what = reason === "" ? `status ${status} and no reason` : reason;
  return new ProxmoxMcpError(
    known?.code ?? "PROXMOX_FAILED",
    `${asked} could not do ${endpoint.method} ${endpoint.path}: ${what}`,
    { hint: known?.hint ?? hintOf(status) },
  );
}

function hintOf(status: number): string {
  return status === 501
    ? "this Proxmox VE does not know the call: it needs release 7 or later"
    : "the task log and the journal of pvedaemon on the node tell more";
}
