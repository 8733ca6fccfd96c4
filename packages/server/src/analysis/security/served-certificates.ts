import type { NodeCertificate } from "../../proxmox/nodes.ts";
import { nodeSubject } from "../subject.ts";
import type { NodeCertificates } from "./facts.ts";

/** The certificate that clients of a node see. */
export interface Served {
  readonly node: string;
  readonly subject: string;
  readonly certificate: NodeCertificate;
}

/** One's own or that of ACME where there is one, else that of the cluster. */
export function servedCertificates(nodes: readonly NodeCertificates[]): readonly Served[] {
  return nodes.flatMap(({ node, certificates }) => {
    const named = (end: string): NodeCertificate | undefined =>
      certificates.find(({ filename }) => filename.endsWith(end));
    const certificate = named("pveproxy-ssl.pem") ?? named("pve-ssl.pem");
    return certificate === undefined ? [] : [{ node, subject: nodeSubject(node), certificate }];
  });
}

/** Only the file's name: where it lies is the node's own affair. */
export function fileOf({ filename }: NodeCertificate): string {
  return filename.slice(filename.lastIndexOf("/") + 1);
}
