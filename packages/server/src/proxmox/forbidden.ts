/** A missing privilege: which one, where, and what finds the command that gives it. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { pathOf } from "./endpoint.ts";
import type { Question } from "./question.ts";
import { quotable } from "./upstream-text.ts";

// What Proxmox says becomes part of our own words, and people paste these into a shell.
const PATH = /^\/[\w./-]*$/;
const PRIVILEGES = /^[A-Za-z.]+(?:\|[A-Za-z.]+)*$/;

// What else the caller has, which an entry must not hide, is not known here.
const REMEDY =
  "give it with the command that `proxmox-mcp-server test-connection -v` prints for this config: an entry made for one path alone hides what comes from above";

/** @param said what Proxmox says, as in `Permission check failed (/vms/100, VM.PowerMgmt)`. */
export function forbidden(said: string, question: Question): ProxmoxMcpError {
  const { asked, endpoint, identity } = question;
  const missing = parseRefusal(said);
  if (missing !== undefined) {
    return new ProxmoxMcpError("PROXMOX_FORBIDDEN", `${identity} lacks ${missing}`, {
      hint: REMEDY,
    });
  }
  const reason = quotable(said) || "no reason was given";
  const known = needsOf(question);
  return new ProxmoxMcpError(
    "PROXMOX_FORBIDDEN",
    `${asked} refuses ${endpoint.method} ${endpoint.path} to ${identity}: ${reason}`,
    { hint: known === "" ? REMEDY : `it needs ${known}: ${REMEDY}` },
  );
}

function parseRefusal(said: string): string | undefined {
  const [, path = "", list = ""] =
    /Permission check failed \(([^\s,()]+), ?([^\s()]+)\)/.exec(said) ?? [];
  return PATH.test(path) && PRIVILEGES.test(list) ? needText(list.split("|"), path) : undefined;
}

/** What the endpoint is known to need, for a refusal that does not say. */
function needsOf({ endpoint, values, parameters }: Question): string {
  const known = { ...parameters, ...values };
  return endpoint.needs
    .map((need) => quotable(needText(need.anyOf, pathOf(need, known))))
    .join(" and ");
}

function needText(anyOf: readonly string[], path: string): string {
  return `${anyOf.join(" or ")} on ${path}`;
}
