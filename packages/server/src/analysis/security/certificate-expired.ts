import { daysBetween } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";
import { fileOf, servedCertificates } from "./served-certificates.ts";

export const CERTIFICATE_EXPIRED: Rule<SecurityFacts> = securityRule({
  id: "certificate.expired",
  title: "The certificate of a node has expired",
  severity: "critical",
  threshold: null,
  remedy:
    "on {node}: `pvenode acme cert renew` where ACME is set up, `pvenode cert set CERTIFICATE KEY --force 1 --restart 1` for one of your own, else `pvecm updatecerts --force` and `systemctl restart pveproxy`",
  needs: ["certificates"],
  check: ({ certificates, now }) =>
    servedCertificates(certificates).flatMap(({ node, subject, certificate }) => {
      const { notafter } = certificate;
      if (notafter === undefined || notafter > now) return [];
      const days = daysBetween(notafter, now);
      return [
        {
          subject,
          summary: `Certificate ${fileOf(certificate)} of node ${node} expired ${days} days ago`,
          evidence: { file: fileOf(certificate), expired_days_ago: days },
          about: { node },
        },
      ];
    }),
});
