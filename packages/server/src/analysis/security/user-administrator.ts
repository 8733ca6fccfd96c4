import type { Rule } from "../rule.ts";
import { administrators } from "./administrators.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";

/** Some must be; each should be known. root@pam is one without an entry. */
export const USER_ADMINISTRATOR: Rule<SecurityFacts> = securityRule({
  id: "user.administrator",
  title: "A user or group is Administrator of everything",
  severity: "warning",
  threshold: null,
  remedy:
    "keep as few as there must be; a lesser role: `pveum acl modify / --{option} {who} --roles PVEAdmin`, then `pveum acl delete / --{option} {who} --roles Administrator`",
  needs: ["acl"],
  check: ({ acl }) => administrators(acl, ["user", "group"]),
});
