import type { Rule } from "../rule.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";

/** What is not separated from root may do what root may. */
export const SERVER_ROOT: Rule<SecurityFacts> = securityRule({
  id: "server.root",
  title: "This server is root@pam to Proxmox",
  severity: "warning",
  threshold: null,
  remedy:
    "make a user of its own: `pveum user add mcp@pve`, `pveum acl modify / --users mcp@pve --roles PVEAuditor`, `pveum user token add mcp@pve server --privsep 1`, `pveum acl modify / --tokens 'mcp@pve!server' --roles PVEAuditor`; put it into the config with proxmox-mcp-encrypt, then remove the old token",
  check: ({ self: { user, token } }) =>
    user !== "root@pam"
      ? []
      : [
          {
            subject: token === undefined ? `user/${user}` : `token/${user}!${token}`,
            summary: `This server uses ${token === undefined ? "the password" : `token ${token}`} of root@pam`,
            evidence: { user, token: token ?? null },
          },
        ],
});
