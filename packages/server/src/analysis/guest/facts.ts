/** What one guest is diagnosed by. */
import type { GuestConfig, GuestStatus, Snapshot } from "../../proxmox/guest.ts";
import type { GuestResource, NodeResource, StorageResource } from "../../proxmox/resources.ts";
import type { TaskListEntry } from "../../proxmox/tasks.ts";
import type { Evidence, Observation, Rule, RuleSource } from "../rule.ts";
import { ruleFrom } from "../rule.ts";
import { aboutGuest, guestSubject } from "../subject.ts";

export interface GuestFacts {
  /** Seconds since 1970. */
  readonly now: number;
  /** Where the caller believes it to be. */
  readonly askedNode: string | undefined;
  readonly guest: GuestResource;
  readonly nodes: readonly NodeResource[];
  /** As its node has them. */
  readonly storages: readonly StorageResource[];
  readonly status: GuestStatus | undefined;
  readonly config: GuestConfig | undefined;
  readonly snapshots: readonly Snapshot[] | undefined;
  /** Of its node, newest first. */
  readonly tasks: readonly TaskListEntry[] | undefined;
  /** Of a virtual machine that runs and has one configured. */
  readonly agentAnswers: boolean | undefined;
  readonly isInBackupJob: boolean | undefined;
}

/** A rule of diagnose_vm_issues. */
export function guestRule<const Need extends keyof GuestFacts & string>(
  source: RuleSource<GuestFacts, Need>,
): Rule<GuestFacts> {
  return ruleFrom(source);
}

/** An observation about the guest; `{command}`, `{vmid}` and `{node}` of the remedy are filled. */
export function found(
  guest: GuestResource,
  summary: string,
  evidence: Evidence,
  about: Observation["about"] = {},
): readonly Observation[] {
  const words = { ...aboutGuest(guest), ...about };
  return [{ subject: guestSubject(guest), summary, evidence, about: words }];
}
