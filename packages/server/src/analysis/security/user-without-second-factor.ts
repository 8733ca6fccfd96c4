import type { Rule } from "../rule.ts";
import { isActive, type SecurityFacts, securityRule } from "./facts.ts";

/** Users whose realm logs them in elsewhere are left out: their second factor is there. */
export const USER_WITHOUT_SECOND_FACTOR: Rule<SecurityFacts> = securityRule({
  id: "user.without-second-factor",
  title: "A user who may log in with a password alone",
  severity: "warning",
  threshold: null,
  remedy:
    "the user adds one (Datacenter, Permissions, Two Factor), best two and recovery keys. One that only owns tokens needs no password at all. A realm can demand it: `pveum realm modify REALM --tfa type=oath`",
  needs: ["users", "secondFactors"],
  check: ({ users, secondFactors, now }) => {
    const secured = new Set(
      secondFactors
        .filter(({ entries }) => entries.some(({ enable, type }) => enable && type !== "recovery"))
        .map(({ userid }) => userid),
    );
    return users
      .filter((user) => isActive(user, now) && user["realm-type"] !== "openid")
      .filter(({ userid }) => !secured.has(userid))
      .map(({ userid }) => ({
        subject: `user/${userid}`,
        summary: `User ${userid} has no second factor`,
        evidence: { second_factors: 0 },
      }));
  },
});
