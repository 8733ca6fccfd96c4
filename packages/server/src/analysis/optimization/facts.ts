/** What better use of resources is judged by. */
import type { GuestResource, NodeResource, StorageResource } from "../../proxmox/resources.ts";
import { type Observation, type Rule, type RuleSource, ruleFrom } from "../rule.ts";
import { aboutGuest, guestSubject } from "../subject.ts";
import type { DayLoad } from "./day-load.ts";

export interface OptimizationFacts {
  readonly nodes: readonly NodeResource[];
  readonly guests: readonly GuestResource[];
  readonly storages: readonly StorageResource[];
  /** The last day of the guests that looked idle or short of something at first sight. */
  readonly loads: readonly GuestLoad[];
}

/** A guest and its day. */
export interface GuestLoad {
  readonly guest: GuestResource;
  readonly day: DayLoad;
}

/** A rule of suggest_resource_optimization. */
export function optimizationRule<const Need extends keyof OptimizationFacts & string>(
  source: RuleSource<OptimizationFacts, Need>,
): Rule<OptimizationFacts> {
  return ruleFrom(source);
}

/** An observation about a guest; `{command}`, `{vmid}` and `{node}` of the remedy are filled. */
export function found(
  guest: GuestResource,
  summary: string,
  evidence: Observation["evidence"],
): Observation {
  return { subject: guestSubject(guest), summary, evidence, about: aboutGuest(guest) };
}
