/** What storages are judged by, in every analysis that looks at them. */
import type { StorageResource } from "../../proxmox/resources.ts";
import { type Rule, type RuleSource, ruleFrom } from "../rule.ts";
import type { Space } from "../space.ts";
import { storageSubject } from "../subject.ts";

/** The storages that are measured, one that is shared once. */
export function measuredStorages(storages: readonly StorageResource[]): readonly Space[] {
  const spaces = new Map<string, Space>();
  const available = storages.filter(({ status }) => status === "available");
  for (const entry of available.toSorted((a, b) => (a.node < b.node ? -1 : 1))) {
    const subject = storageSubject(entry);
    if (spaces.has(subject)) continue;
    const { storage, node, shared, disk, maxdisk } = entry;
    spaces.set(subject, {
      subject,
      name: shared ? `Storage ${storage}` : `Storage ${storage} on node ${node}`,
      of: "space",
      used: disk,
      total: maxdisk,
      about: { storage, node },
    });
  }
  return [...spaces.values()];
}

export interface StorageFacts {
  readonly storages: readonly StorageResource[];
}

/** A rule for every analysis that looks at storages. */
export function storageRule(source: RuleSource<StorageFacts, "storages">): Rule<StorageFacts> {
  return ruleFrom(source);
}
