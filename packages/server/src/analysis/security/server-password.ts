import type { Rule } from "../rule.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";

/** A password opens all that the user may do, and cannot be withdrawn alone. */
export const SERVER_PASSWORD: Rule<SecurityFacts> = securityRule({
  id: "server.password",
  title: "This server logs in with a password",
  severity: "warning",
  threshold: null,
  remedy:
    "make a token: `pveum user token add {user} server --privsep 1`, give it the role PVEAuditor (`pveum acl modify / --tokens {user_token} --roles PVEAuditor`), and put token_name and token_value into the config in the place of the password",
  check: ({ self: { user, token } }) =>
    token !== undefined
      ? []
      : [
          {
            subject: `user/${user}`,
            summary: `This server logs in with the password of ${user}`,
            evidence: { user, token: null },
            about: { user, user_token: `${user}!server` },
          },
        ],
});
