/** A rotation on some platform: what the proofs have to know of it. */
import type { Evidence } from "./evidence.ts";
import type { Fault } from "./fault.ts";
import { keysIn } from "./keys.ts";
import type { World } from "./world.ts";

/** The titles of the issues: of a failure, and of what was found. */
export const FAILED = "The rotation of the Proxmox MCP master key failed";
export const ATTENTION = "Secrets of the Proxmox MCP configs need attention";

/** How a run went. */
export interface RunEnd {
  readonly evidence: Evidence;
  /** Whether all of it went well. */
  readonly ok: boolean;
  /** Whether somebody who was not there can see that it failed. */
  readonly isTold: boolean;
  /** Names of every call of it, and of every moment between steps. */
  readonly labels: readonly string[];
  /** All that can be read in its logs. */
  readonly printed: string;
}

/** Configs in one place, by their paths. */
export type Texts = Readonly<Record<string, string>>;

/** Configs and a key text that a platform keeps. */
export interface Rotation {
  readonly world: World;
  /** What every run so far left behind. */
  readonly evidence: Evidence[];
  /** What the configs have to open to. */
  plain: Texts;
  /** What else is beside them. */
  readonly others: Texts;
  /** Begins a rotation, or goes on with what is there. */
  goOn(fault?: Fault): Promise<RunEnd>;
  /** What people do with what a run left them: they merge it, and deploy that. */
  advance(): void | Promise<void>;
  /** The key text that the store holds. */
  keyText(): string;
  /** Every place that has configs now: branches, what is deployed. */
  places(): Readonly<Record<string, Texts>>;
  /** The place that all others follow. */
  readonly source: string;
  /** What each proposal changes. */
  changes(): Readonly<Record<string, readonly string[]>>;
  /** What people can read: issues, pull requests. */
  said(): readonly string[];
  /** How many proposals are open. */
  openProposals(): number;
}

/** Whether nothing is left to do: one key, another one than before, and nothing open. */
export function isSettled(rotation: Rotation, firstKeys: readonly string[]): boolean {
  const [key, ...others] = keysIn(rotation.keyText());
  const isNew = key !== undefined && !firstKeys.includes(key.id ?? "");
  return isNew && others.length === 0 && rotation.openProposals() === 0;
}
