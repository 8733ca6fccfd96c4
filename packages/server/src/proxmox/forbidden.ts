/** A missing privilege: which one, where, and how to give it. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Question } from "./question.ts";
import { quotable } from "./upstream-text.ts";

interface Missing {
  readonly path: string;
  /** One of these is enough. */
  readonly privileges: readonly string[];
}

// The path comes from others and ends in a command to paste: nothing that a shell could read.
const PATH = /^\/[\w./-]*$/;
const PRIVILEGES = /^[A-Za-z.]+(?:\|[A-Za-z.]+)*$/;
const IDENTITY = /^[\w.+-]+@[\w.-]+(?:![\w.-]+)?$/;
const AUDIT = /^(?:Sys|VM|Datastore|Pool|SDN|Mapping|VM\.GuestAgent)\.Audit$/;

/** @param said what Proxmox says, as in `Permission check failed (/vms/100, VM.PowerMgmt)`. */
export function forbidden(said: string, question: Question): ProxmoxMcpError {
  const { asked, endpoint, identity } = question;
  const missing = parseRefusal(said);
  if (missing === undefined) {
    const reason = quotable(said) || "no reason was given";
    return new ProxmoxMcpError(
      "PROXMOX_FORBIDDEN",
      `${asked} refuses ${endpoint.method} ${endpoint.path} to ${identity}: ${reason}`,
      { hint: remedy(needsOf(question), identity) },
    );
  }
  const { path, privileges } = missing;
  return new ProxmoxMcpError(
    "PROXMOX_FORBIDDEN",
    `${identity} lacks ${privileges.join(" or ")} on ${path}`,
    { hint: remedy(missing, identity) },
  );
}

function parseRefusal(said: string): Missing | undefined {
  const [, path = "", list = ""] =
    /Permission check failed \(([^\s,()]+), ?([^\s()]+)\)/.exec(said) ?? [];
  return PATH.test(path) && PRIVILEGES.test(list)
    ? { path, privileges: list.split("|") }
    : undefined;
}

/** What the endpoint is known to need, for a refusal that does not say. */
function needsOf({ endpoint, values }: Question): Missing | undefined {
  const [need] = endpoint.needs;
  if (need === undefined) return undefined;
  const path = need.on.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  return PATH.test(path) ? { path, privileges: need.anyOf } : undefined;
}

function remedy(missing: Missing | undefined, identity: string): string {
  if (missing === undefined || !IDENTITY.test(identity)) {
    return "give the privilege under Datacenter > Permissions; a token with privilege separation needs it beside its user";
  }
  const { path, privileges } = missing;
  const [privilege = ""] = privileges;
  const isToken = identity.includes("!");
  const role = AUDIT.test(privilege) ? "PVEAuditor" : "ROLE";
  const which = role === "ROLE" ? `, with a ROLE that holds ${privilege}` : "";
  const both = isToken ? " (its user needs it too)" : "";
  const option = isToken ? "--tokens" : "--users";
  return `on a node${which}${both}: pveum acl modify ${path} ${option} '${identity}' --roles ${role}`;
}
