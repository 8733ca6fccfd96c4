/** What the health of a cluster is judged by. */
import type { NotBackedUp } from "../../proxmox/backup.ts";
import type { ClusterStatus, HaEntry } from "../../proxmox/cluster.ts";
import type { NodeStatus } from "../../proxmox/nodes.ts";
import type { GuestResource, NodeResource, StorageResource } from "../../proxmox/resources.ts";
import { type Rule, type RuleSource, ruleFrom } from "../rule.ts";

export interface ClusterHealthFacts {
  readonly nodes: readonly NodeResource[];
  readonly guests: readonly GuestResource[];
  readonly storages: readonly StorageResource[];
  readonly cluster: ClusterStatus | undefined;
  /** Of nodes that answered. */
  readonly nodeStatuses: readonly OwnStatus[];
  readonly ha: readonly HaEntry[] | undefined;
  /** Guests that no backup job covers. */
  readonly notBackedUp: readonly NotBackedUp[] | undefined;
}

/** What only the node itself knows. */
export interface OwnStatus extends NodeStatus {
  readonly node: string;
}

/** A rule of cluster health. */
export function clusterRule<const Need extends keyof ClusterHealthFacts & string>(
  source: RuleSource<ClusterHealthFacts, Need>,
): Rule<ClusterHealthFacts> {
  return ruleFrom(source);
}
