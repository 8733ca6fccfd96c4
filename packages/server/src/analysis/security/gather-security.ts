/** Asks Proxmox for what the security of access is judged by. */
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { acl, secondFactors, users } from "../../proxmox/access.ts";
import type { Api } from "../../proxmox/api.ts";
import { clusterFirewall } from "../../proxmox/cluster.ts";
import type { Endpoint } from "../../proxmox/endpoint.ts";
import {
  ACL,
  CLUSTER_FIREWALL,
  NODE_CERTIFICATES,
  NODES,
  PERMISSIONS,
  SECOND_FACTORS,
  USERS,
} from "../../proxmox/endpoints.ts";
import { listNodes, nodeCertificates } from "../../proxmox/nodes.ts";
import { permissions } from "../../proxmox/permissions.ts";
import { eachAtOnce } from "../at-once.ts";
import { type Gaps, openGaps } from "../gaps.ts";
import type { Coverage } from "../report.ts";
import { noteDown, noteShortened, noteUnreadable, type Shortened } from "../visible.ts";
import { type NodeCertificates, type SecurityFacts, tokensOf } from "./facts.ts";
import { selfFrom } from "./self.ts";

/** Every endpoint that is asked. */
export const SECURITY_CALLS: readonly Endpoint[] = [
  PERMISSIONS,
  USERS,
  ACL,
  SECOND_FACTORS,
  CLUSTER_FIREWALL,
  NODES,
  NODE_CERTIFICATES,
];

// Each shows the caller's own entries to anyone.
const LISTS: readonly Shortened[] = [
  {
    facts: ["users", "secondFactors"],
    what: "other users, their tokens and second factors",
    anyOf: ["Sys.Audit", "User.Modify"],
    on: "/access/groups",
  },
  {
    facts: ["acl"],
    what: "access control entries that this token may not see",
    anyOf: ["Sys.Audit", "Permissions.Modify"],
    on: "/access",
  },
];

/** @throws ProxmoxMcpError only for what stops every call. */
export async function gatherSecurity(
  api: Api,
  {
    config,
    now,
    signal,
  }: { readonly config: ServerConfig; readonly now: Date; readonly signal: AbortSignal },
): Promise<{ facts: SecurityFacts; coverage: Coverage }> {
  const gaps = openGaps();
  const values = {};
  const [granted, userList, aclList, factors, firewall, certificates] = await Promise.all([
    gaps.attempt({
      facts: ["granted"],
      what: "what this server may do",
      endpoint: PERMISSIONS,
      values,
      read: () => permissions(api, { signal }),
    }),
    gaps.attempt({
      facts: ["users"],
      what: "users and their tokens",
      endpoint: USERS,
      values,
      read: () => users(api, { full: true, signal }),
    }),
    gaps.attempt({
      facts: ["acl"],
      what: "access control list",
      endpoint: ACL,
      values,
      read: () => acl(api, { signal }),
    }),
    gaps.attempt({
      facts: ["secondFactors"],
      what: "second factors",
      endpoint: SECOND_FACTORS,
      values,
      read: () => secondFactors(api, { signal }),
    }),
    gaps.attempt({
      facts: ["firewall"],
      what: "firewall of the cluster",
      endpoint: CLUSTER_FIREWALL,
      values,
      read: () => clusterFirewall(api, { signal }),
    }),
    certificatesOf(api, gaps, signal),
  ]);
  if (granted !== undefined) noteShortened(granted, LISTS, gaps);
  for (const [facts, what, list] of [
    [["users"], "users and their tokens", userList],
    [["acl"], "access control list", aclList],
    [["secondFactors"], "second factors", factors],
  ] as const) {
    noteUnreadable({ facts, what, unreadable: list?.unreadable ?? 0 }, gaps);
  }
  return {
    facts: {
      now: Math.floor(now.getTime() / 1000),
      self: selfFrom(config),
      granted,
      users: userList?.items,
      acl: aclList?.items,
      secondFactors: factors?.items,
      firewall,
      certificates,
    },
    coverage: {
      checked: {
        users: userList?.items.length ?? 0,
        tokens: tokensOf(userList?.items ?? []).length,
        access_control_entries: aclList?.items.length ?? 0,
        nodes: certificates.length,
      },
      gaps: gaps.all,
    },
  };
}

async function certificatesOf(
  api: Api,
  gaps: Gaps,
  signal: AbortSignal,
): Promise<readonly NodeCertificates[]> {
  const nodes = await gaps.attempt({
    facts: ["certificates"],
    what: "certificates of the nodes",
    endpoint: NODES,
    values: {},
    read: () => listNodes(api, { signal }),
  });
  const answers = await eachAtOnce(nodes?.items ?? [], async ({ node, status }) => {
    const facts = ["certificates"];
    const what = `certificates of node ${node}`;
    if (status !== "online") {
      noteDown({ facts, what, node }, gaps);
      return undefined;
    }
    const listed = await gaps.attempt({
      facts,
      what,
      endpoint: NODE_CERTIFICATES,
      values: { node },
      read: () => nodeCertificates(api, { node, signal }),
    });
    return listed && { node, certificates: listed.items };
  });
  return answers.filter((answer) => answer !== undefined);
}
