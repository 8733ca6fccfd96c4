import type { Rule } from "../rule.ts";
import { isActive, type SecurityFacts, securityRule, tokensOf } from "./facts.ts";

/** A leaked one is good for ever. */
export const TOKEN_WITHOUT_EXPIRY: Rule<SecurityFacts> = securityRule({
  id: "token.without-expiry",
  title: "An API token that never expires",
  severity: "info",
  threshold: null,
  remedy:
    "give it an end, and replace it before: `pveum user token modify {user} {name} --expire $(date -d '+1 year' +%s)`",
  needs: ["users"],
  check: ({ users, now }) =>
    tokensOf(users)
      .filter(({ expire, user }) => expire === 0 && isActive(user, now))
      .map(({ id, tokenid, user }) => ({
        subject: `token/${id}`,
        summary: `Token ${id} never expires`,
        evidence: { expires: false },
        about: { user: user.userid, name: tokenid },
      })),
});
