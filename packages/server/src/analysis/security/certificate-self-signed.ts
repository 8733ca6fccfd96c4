import type { NodeCertificate } from "../../proxmox/nodes.ts";
import type { Rule } from "../rule.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";
import { fileOf, servedCertificates } from "./served-certificates.ts";

/** The default. Safe where clients know the authority or the fingerprint, and not where they click. */
export const CERTIFICATE_SELF_SIGNED: Rule<SecurityFacts> = securityRule({
  id: "certificate.self-signed",
  title: "The certificate of a node is signed by itself or by its own cluster",
  severity: "info",
  threshold: null,
  remedy:
    "let clients check it: hand them /etc/pve/pve-root-ca.pem (here: `ca_file`), or get one that they know: `pvenode acme account register default MAIL`, `pvenode config set --acme domains=NAME`, `pvenode acme cert order` on {node}",
  needs: ["certificates"],
  check: ({ certificates }) =>
    servedCertificates(certificates)
      .filter(({ certificate }) => isOwn(certificate))
      .map(({ node, subject, certificate }) => ({
        subject,
        summary: `Certificate ${fileOf(certificate)} of node ${node} is signed by ${certificate.issuer}`,
        evidence: { file: fileOf(certificate), issuer: certificate.issuer ?? null },
        about: { node },
      })),
});

function isOwn({ issuer, subject }: NodeCertificate): boolean {
  if (issuer === undefined) return false;
  return issuer === subject || /PVE Cluster Manager CA|Proxmox Virtual Environment/.test(issuer);
}
