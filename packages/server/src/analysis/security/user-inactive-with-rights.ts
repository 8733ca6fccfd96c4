import { counted } from "../../counted.ts";
import { listed } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { isActive, type SecurityFacts, securityRule } from "./facts.ts";

/** Whoever enables the user again gives all of it back. */
export const USER_INACTIVE_WITH_RIGHTS: Rule<SecurityFacts> = securityRule({
  id: "user.inactive-with-rights",
  title: "A disabled or expired user still has rights",
  severity: "warning",
  threshold: null,
  remedy:
    "if the user does not come back: `pveum user delete {user}`; else take the rights: `pveum acl delete PATH --users {user} --roles ROLE` for each, and `pveum user token remove {user} NAME`",
  needs: ["users", "acl"],
  check: ({ users, acl, now }) =>
    users
      .filter((user) => !isActive(user, now))
      .flatMap(({ userid, enable }) => {
        const entries = acl.filter(
          ({ type, ugid }) =>
            (type === "user" && ugid === userid) ||
            (type === "token" && ugid.startsWith(`${userid}!`)),
        );
        if (entries.length === 0) return [];
        const rights = listed(entries.map(({ path, roleid }) => `${roleid} on ${path}`).sort());
        return [
          {
            subject: `user/${userid}`,
            summary: `User ${userid} is ${enable ? "expired" : "disabled"} and has ${counted(entries.length, "right")}: ${rights}`,
            evidence: { enabled: enable, rights: entries.length, entries: rights },
            about: { user: userid },
          },
        ];
      }),
});
