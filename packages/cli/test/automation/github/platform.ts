/** GitHub as a workflow sees it: what it has, and what starts a run. */
import type { Permissions } from "../stubs/tokens.ts";
import type { World } from "../world.ts";

/** Where workflows run. */
export interface Platform {
  readonly world: World;
  /** Directories of actions and reusable workflows, by the repository's name. */
  readonly repositories: Readonly<Record<string, string>>;
  /** Secrets of the environment that no sink stores. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** What the owner let the App do: no token of it may do more. */
  readonly app: Permissions;
}

/** What starts a run. */
export interface Event {
  readonly name: "schedule" | "workflow_dispatch" | "deployment_status";
  /** What was filled in by hand. */
  readonly inputs?: Readonly<Record<string, string | boolean>>;
  /** The line of the schedule, where there are several. */
  readonly schedule?: string;
}

export type Result = "success" | "failure" | "cancelled" | "skipped";
