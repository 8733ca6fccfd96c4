import { daysBetween } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";
import { fileOf, servedCertificates } from "./served-certificates.ts";

const THRESHOLD = { days_left: 30 } as const;

/** Proxmox renews its own, and those of ACME, before that: it did not succeed. */
export const CERTIFICATE_EXPIRES_SOON: Rule<SecurityFacts> = securityRule({
  id: "certificate.expires-soon",
  title: "The certificate of a node expires within 30 days",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "on {node}: `pvenode acme cert renew` where ACME is set up (`systemctl status pve-daily-update` says why it did not), `pvenode cert set CERTIFICATE KEY --force 1 --restart 1` for one of your own, else `pvecm updatecerts --force` and `systemctl restart pveproxy`",
  needs: ["certificates"],
  check: ({ certificates, now }) =>
    servedCertificates(certificates).flatMap(({ node, subject, certificate }) => {
      const { notafter } = certificate;
      if (notafter === undefined || notafter <= now) return [];
      const days = daysBetween(now, notafter);
      if (days >= THRESHOLD.days_left) return [];
      return [
        {
          subject,
          summary: `Certificate ${fileOf(certificate)} of node ${node} expires in ${days} days`,
          evidence: { file: fileOf(certificate), days_left: days },
          about: { node },
        },
      ];
    }),
});
