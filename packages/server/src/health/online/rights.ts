/** What a caller may do, beside what the tools of a server need. */
import type { Tool } from "../../tools/tool.ts";
import { type Grant, type GrantFacts, grantsFor } from "./grants.ts";
import { isPartly, type MissingPrivilege, missingPrivileges } from "./missing-privileges.ts";
import { needsOf, type ToolNeed } from "./needs.ts";
import { isPowerful, privilegeIn } from "./privilege-names.ts";

export interface Rights {
  /** How many privileges the tools need. */
  readonly needed: number;
  /** Needs that are met nowhere. */
  readonly missing: readonly Lack[];
  /** Needs that are met on some paths and not on others. */
  readonly partly: readonly Lack[];
  /** Needs that are met nowhere and should stay so: of tools that read, for a powerful privilege. */
  readonly spared: readonly Lack[];
  /** What gives all that is missing, and leaves alone what is met in part. */
  readonly grants: readonly Grant[];
  /** What meets in full what is met in part. */
  readonly widenings: readonly Grant[];
}

/** A need that is not met everywhere. */
export interface Lack extends MissingPrivilege<ToolNeed> {
  /** The name that this release of Proxmox VE has for it. */
  readonly privilege: string;
}

export function rightsOf(
  tools: readonly Pick<Tool, "name" | "calls" | "effect">[],
  about: Omit<GrantFacts, "needs">,
): Rights {
  const needs = needsOf(tools);
  const lacks = missingPrivileges(about.granted, needs).map((one) => ({
    ...one,
    privilege: privilegeIn(about.release, one.need.anyOf),
  }));
  const partly = lacks.filter(isPartly);
  const unmet = lacks.filter((lack) => !isPartly(lack));
  const missing = unmet.filter((lack) => !isSpared(lack));
  const spared = unmet.filter(isSpared);
  const restricted = partly.filter(({ only }) => only.length > 0);
  const leave = new Set([...spared, ...restricted].map(({ need }) => need));
  const others = needs.filter((need) => !leave.has(need));
  return {
    needed: needs.length,
    missing,
    partly,
    spared,
    grants: grantsFor(missing, { ...about, needs: others }),
    widenings: grantsFor(partly, { ...about, needs }),
  };
}

function isSpared({ privilege, need }: Lack): boolean {
  return need.onlyReads && isPowerful(privilege);
}
