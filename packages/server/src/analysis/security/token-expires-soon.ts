import { daysBetween } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { isActive, isPast, type SecurityFacts, securityRule, tokensOf } from "./facts.ts";

const THRESHOLD = { days_left: 14 } as const;

/** Whatever uses it stops then, this server too. */
export const TOKEN_EXPIRES_SOON: Rule<SecurityFacts> = securityRule({
  id: "token.expires-soon",
  title: "An API token that expires within two weeks",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "make a new one and put it where this one is used, or extend it: `pveum user token modify {user} {name} --expire $(date -d '+1 year' +%s)`",
  needs: ["users"],
  check: ({ users, now }) =>
    tokensOf(users)
      .filter(({ expire, user }) => expire > 0 && !isPast(expire, now) && isActive(user, now))
      .map((token) => ({ ...token, daysLeft: daysBetween(now, token.expire) }))
      .filter(({ daysLeft }) => daysLeft < THRESHOLD.days_left)
      .map(({ id, tokenid, user, daysLeft }) => ({
        subject: `token/${id}`,
        summary: `Token ${id} expires in ${daysLeft} days`,
        evidence: { days_left: daysLeft },
        about: { user: user.userid, name: tokenid },
      })),
});
