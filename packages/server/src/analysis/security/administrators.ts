import type { AclEntry } from "../../proxmox/access.ts";
import type { Observation } from "../rule.ts";

/** Who may do everything by an entry on `/`. */
export function administrators(
  acl: readonly AclEntry[],
  types: readonly AclEntry["type"][],
): readonly Observation[] {
  return acl
    .filter(
      ({ path, roleid, type }) =>
        path === "/" && roleid === "Administrator" && types.includes(type),
    )
    .map(({ type, ugid, propagate }) => ({
      subject: `${type}/${ugid}`,
      summary: `${NAMES[type]} ${ugid} has the role Administrator on /`,
      evidence: { path: "/", role: "Administrator", propagates: propagate },
      about: { who: ugid, option: OPTIONS[type] },
    }));
}

const NAMES: Readonly<Record<AclEntry["type"], string>> = {
  user: "User",
  group: "Group",
  token: "Token",
};

const OPTIONS: Readonly<Record<AclEntry["type"], string>> = {
  user: "users",
  group: "groups",
  token: "tokens",
};
