import type { Rule } from "../rule.ts";
import { administrators } from "./administrators.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";

/** A secret in a file that may do everything. */
export const TOKEN_ADMINISTRATOR: Rule<SecurityFacts> = securityRule({
  id: "token.administrator",
  title: "An API token is Administrator of everything",
  severity: "critical",
  threshold: null,
  remedy:
    "give it a role with what it needs, where it needs it (`pveum acl modify PATH --{option} {who} --roles ROLE`), then take this one away: `pveum acl delete / --{option} {who} --roles Administrator`",
  needs: ["acl"],
  check: ({ acl }) => administrators(acl, ["token"]),
});
