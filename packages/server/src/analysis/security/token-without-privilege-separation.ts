import type { Rule } from "../rule.ts";
import { isActive, isPast, type SecurityFacts, securityRule, tokensOf } from "./facts.ts";

/** Such a token may do all that its user may. */
export const TOKEN_WITHOUT_PRIVILEGE_SEPARATION: Rule<SecurityFacts> = securityRule({
  id: "token.without-privilege-separation",
  title: "An API token without privilege separation",
  severity: "warning",
  threshold: null,
  remedy:
    "give the token what it needs first (`pveum acl modify PATH --tokens {token} --roles ROLE`), then separate it: `pveum user token modify {user} {name} --privsep 1`",
  needs: ["users"],
  check: ({ users, now }) =>
    tokensOf(users)
      .filter(
        ({ privsep, expire, user }) => !privsep && !isPast(expire, now) && isActive(user, now),
      )
      .map(({ id, tokenid, user }) => ({
        subject: `token/${id}`,
        summary: `Token ${id} has all rights of its user`,
        evidence: { privilege_separation: false },
        about: { token: id, user: user.userid, name: tokenid },
      })),
});
