import type { Rule } from "../rule.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";

/** Whoever sits between can read the token. */
export const SERVER_TLS_UNCHECKED: Rule<SecurityFacts> = securityRule({
  id: "server.tls-unchecked",
  title: "This server does not check the certificate of Proxmox",
  severity: "critical",
  threshold: null,
  remedy:
    "set verify_ssl to true in the config, and proxmox.ca_file to a copy of /etc/pve/pve-root-ca.pem, or proxmox.fingerprint to what `openssl x509 -in /etc/pve/local/pve-ssl.pem -noout -fingerprint -sha256` prints on the node (pveproxy-ssl.pem, where there is one)",
  check: ({ self: { tls } }) =>
    tls !== "unverified"
      ? []
      : [
          {
            subject: "server",
            summary: "This server takes any certificate for that of Proxmox",
            evidence: { tls },
          },
        ],
});
