import { counted } from "../../counted.ts";
import { listed } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";

// Those that only look, and those that a config which allows commands needs.
const LOOKS = /\.Audit$/;
const RUNS: ReadonlySet<string> = new Set(["VM.GuestAgent.Unrestricted", "VM.Monitor"]);

/** Tools that read need privileges that end in `.Audit`, and no others. */
export const SERVER_EXCESS_PRIVILEGES: Rule<SecurityFacts> = securityRule({
  id: "server.excess-privileges",
  title: "This server may do more than its tools need",
  severity: "warning",
  threshold: null,
  remedy:
    "give it PVEAuditor alone: `pveum acl modify / --{option} {who} --roles PVEAuditor`, then take the other roles away: `pveum acl list` shows them, `pveum acl delete PATH --{option} {who} --roles ROLE` removes one. A token without privilege separation has the rights of its user: `pveum user token modify USER NAME --privsep 1`",
  needs: ["granted"],
  check: ({ granted, self: { user, token, mayRunCommands } }) => {
    const isNeeded = (privilege: string): boolean =>
      LOOKS.test(privilege) || (mayRunCommands && RUNS.has(privilege));
    const excess = Object.entries(granted)
      .map(([path, privileges]) => ({
        path,
        privileges: Object.keys(privileges).filter((privilege) => !isNeeded(privilege)),
      }))
      .filter(({ privileges }) => privileges.length > 0);
    const names = [...new Set(excess.flatMap(({ privileges }) => privileges))].sort();
    if (names.length === 0) return [];
    const who = token === undefined ? user : `${user}!${token}`;
    const paths = excess.map(({ path }) => path).sort();
    return [
      {
        subject: token === undefined ? `user/${who}` : `token/${who}`,
        summary: `This server (${who}) has ${counted(names.length, "privilege")} that its tools do not need: ${listed(names)}`,
        evidence: { privileges: names.length, names: names.join(", "), paths: listed(paths) },
        about: { who, option: token === undefined ? "users" : "tokens" },
      },
    ];
  },
});
