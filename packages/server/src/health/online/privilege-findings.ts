/** Missing privileges as a problem, and privileges that do not reach everywhere as a warning. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ReportedWarning } from "../check.ts";
import type { Grant } from "./grants.ts";
import type { Lack, Rights } from "./rights.ts";

/** `undefined` where nothing is missing. */
export function missingProblem(
  { missing, grants }: Rights,
  identity: string,
): ProxmoxMcpError | undefined {
  if (missing.length === 0) return undefined;
  const what = missing.map(({ privilege, path }) => `${privilege} on ${path}`).join(", ");
  return new ProxmoxMcpError("PROXMOX_FORBIDDEN", `${identity} lacks ${what}`, {
    hint: remedy(grants, identity),
  });
}

/** What may well be meant: nobody has to do anything about it. */
export function privilegeWarnings(
  { partly, spared }: Rights,
  identity: string,
): readonly ReportedWarning[] {
  const inPart: ReportedWarning = {
    code: "PRIVILEGE_IN_PART",
    message: `${identity} has ${partly.map(partText).join(", ")}`,
    where: {},
    hint: "nothing, if that is meant; else `test-connection -v --json` has the commands, as widenings",
  };
  const lacks = spared.map(
    ({ privilege, path, need }): ReportedWarning => ({
      code: "PRIVILEGE_SPARED",
      message: `${identity} lacks ${privilege} on ${path}, so that ${some(need.tools)} cannot see everything`,
      where: {},
      hint: "leave it so: before Proxmox VE 9 this privilege also runs commands in guests",
    }),
  );
  return partly.length === 0 ? lacks : [inPart, ...lacks];
}

function partText({ privilege, path, only, except }: Lack): string {
  return except.length > 0
    ? `${privilege} on ${path} but not on ${some(except)}`
    : `${privilege} on ${some(only)} alone`;
}

/** Commands to paste, in one line. */
function remedy(grants: readonly Grant[], identity: string): string {
  // Not `&&`: a role that is there already is no reason to stop.
  const give = `on a node, as root: ${grants.flatMap(({ commands }) => commands).join(" ; ")}`;
  const forUser = grants.flatMap((grant) => grant.forUser ?? []);
  return forUser.length === 0 ? give : `${give} -- ${ofUser(identity)}: ${forUser.join(" ; ")}`;
}

/** What to know before the user of a token is given something. */
export function ofUser(identity: string): string {
  const [user = ""] = identity.split("!");
  return (
    "a token with privilege separation has only what its user has too; " +
    `if \`pveum user permissions ${user}\` lacks them, then also, ` +
    `though it hides what ${user} has on this path through groups`
  );
}

const SHOWN = 3;

/** The first few of a list, and how many more there are. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}
