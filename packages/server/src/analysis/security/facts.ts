/** What the security of access to the cluster is judged by. */
import type { AclEntry, SecondFactors, User, UserToken } from "../../proxmox/access.ts";
import type { ClusterFirewall } from "../../proxmox/cluster.ts";
import type { NodeCertificate } from "../../proxmox/nodes.ts";
import type { Permissions } from "../../proxmox/permissions.ts";
import type { TlsMode } from "../../proxmox/tls.ts";
import { type Rule, type RuleSource, ruleFrom } from "../rule.ts";

export interface SecurityFacts {
  /** Seconds since 1970. */
  readonly now: number;
  /** Who this server is to Proxmox. */
  readonly self: Self;
  /** What this server may do. */
  readonly granted: Permissions | undefined;
  readonly users: readonly User[] | undefined;
  readonly acl: readonly AclEntry[] | undefined;
  readonly secondFactors: readonly SecondFactors[] | undefined;
  readonly firewall: ClusterFirewall | undefined;
  /** Of the nodes that answered. */
  readonly certificates: readonly NodeCertificates[];
}

/** This server, from its config. */
export interface Self {
  /** With realm, as in `root@pam`. */
  readonly user: string;
  /** `undefined` where it logs in with a password. */
  readonly token: string | undefined;
  /** How the certificate of the host is checked. */
  readonly tls: TlsMode;
  /** Whether the config allows commands in guests. */
  readonly mayRunCommands: boolean;
}

/** Of one node. */
export interface NodeCertificates {
  readonly node: string;
  readonly certificates: readonly NodeCertificate[];
}

/** A token and whose it is. */
export interface OwnedToken extends UserToken {
  readonly user: User;
  /** As in `joe@pve!backup`. */
  readonly id: string;
}

/** A rule of analyze_security_posture. */
export function securityRule<const Need extends keyof SecurityFacts & string>(
  source: RuleSource<SecurityFacts, Need>,
): Rule<SecurityFacts> {
  return ruleFrom(source);
}

/** The tokens of all users. */
export function tokensOf(users: readonly User[]): readonly OwnedToken[] {
  return users.flatMap((user) =>
    user.tokens.map((token) => ({ ...token, user, id: `${user.userid}!${token.tokenid}` })),
  );
}

/** Whether a time of Proxmox has come; 0 is never. */
export function isPast(expire: number, now: number): boolean {
  return expire > 0 && expire <= now;
}

/** Whether a user may log in at all. */
export function isActive({ enable, expire }: User, now: number): boolean {
  return enable && !isPast(expire, now);
}
