import { daysBetween } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { isPast, type SecurityFacts, securityRule, tokensOf } from "./facts.ts";

/** It opens nothing any more, and can be given a new life by a change of its date. */
export const TOKEN_EXPIRED: Rule<SecurityFacts> = securityRule({
  id: "token.expired",
  title: "An API token that has expired is still there",
  severity: "info",
  threshold: null,
  remedy: "if nobody uses it: `pveum user token remove {user} {name}`",
  needs: ["users"],
  check: ({ users, now }) =>
    tokensOf(users)
      .filter(({ expire }) => isPast(expire, now))
      .map(({ id, tokenid, user, expire }) => ({
        subject: `token/${id}`,
        summary: `Token ${id} expired ${daysBetween(expire, now)} days ago`,
        evidence: { expired_days_ago: daysBetween(expire, now) },
        about: { user: user.userid, name: tokenid },
      })),
});
