/** The parts of a workflow and of an action that ours have. Any other key is refused. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";

type Text = string | number | boolean;
type Texts = Readonly<Record<string, Text>>;

/** A step of a job or of a composite action. */
export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string | boolean;
  readonly uses?: string;
  readonly with?: Texts;
  readonly run?: string;
  readonly env?: Texts;
  readonly shell?: string;
  readonly "working-directory"?: string;
  readonly "continue-on-error"?: boolean;
  readonly "timeout-minutes"?: number;
}

/** A job that has steps, or one that calls another workflow. */
export interface Job {
  readonly name?: string;
  readonly needs?: string | readonly string[];
  readonly if?: string | boolean;
  readonly permissions?: Readonly<Record<string, "read" | "write" | "none">>;
  readonly "runs-on"?: string;
  readonly environment?: string;
  readonly concurrency?: unknown;
  readonly "timeout-minutes"?: number;
  readonly env?: Texts;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly steps?: readonly Step[];
  readonly uses?: string;
  readonly with?: Texts;
  readonly secrets?: "inherit" | Readonly<Record<string, string>>;
}

/** What an event may hand over. */
export interface Input {
  readonly description?: string;
  readonly required?: boolean;
  readonly default?: Text;
  readonly type?: string;
  readonly options?: readonly string[];
}

/** A workflow. */
export interface Workflow {
  readonly name?: string;
  readonly "run-name"?: string;
  readonly on: {
    readonly schedule?: readonly { readonly cron: string }[];
    readonly workflow_dispatch?: { readonly inputs?: Readonly<Record<string, Input>> } | null;
    readonly workflow_call?: {
      readonly inputs?: Readonly<Record<string, Input>>;
      readonly secrets?: Readonly<Record<string, unknown>>;
      readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
    } | null;
    readonly deployment_status?: null;
  };
  readonly permissions?: Readonly<Record<string, "read" | "write" | "none">>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress"?: boolean };
  readonly env?: Texts;
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** A composite action. */
export interface Action {
  readonly name: string;
  readonly description: string;
  readonly author?: string;
  readonly branding?: unknown;
  readonly inputs?: Readonly<Record<string, Input>>;
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const STEP =
  "id name if uses with run env shell working-directory continue-on-error timeout-minutes";
const JOB =
  "name needs if permissions runs-on environment concurrency timeout-minutes env outputs defaults steps uses with secrets";
const WORKFLOW = "name run-name on permissions concurrency env defaults jobs";
const EVENTS = "schedule workflow_dispatch workflow_call deployment_status";
const ACTION = "name description author branding inputs outputs runs";

/** @throws Error for a key that the interpreter does not know. */
export function readWorkflow(path: string): Workflow {
  const workflow = parse(readFileSync(path, "utf8")) as Workflow;
  know(workflow, WORKFLOW, path);
  know(workflow.on, EVENTS, `${path}: on`);
  for (const [name, job] of Object.entries(workflow.jobs)) {
    know(job, JOB, `${path}: ${name}`);
    for (const step of job.steps ?? []) knowStep(step, `${path}: ${name}`);
  }
  return workflow;
}

/** @throws Error for a key that the interpreter does not know. */
export function readAction(path: string): Action {
  const action = parse(readFileSync(path, "utf8")) as Action;
  know(action, ACTION, path);
  if (action.runs.using !== "composite") throw new Error(`${path}: no composite action`);
  for (const step of action.runs.steps) knowStep(step, path);
  return action;
}

function knowStep(step: Step, where: string): void {
  know(step, STEP, where);
  if (step.run?.includes("${{"))
    throw new Error(`${where}: an expression inside of a script may become part of the script`);
  if ((step.run === undefined) === (step.uses === undefined))
    throw new Error(`${where}: a step has either "run" or "uses"`);
}

function know(value: object, keys: string, where: string): void {
  const unknown = Object.keys(value).filter((key) => !keys.split(" ").includes(key));
  if (unknown.length > 0) throw new Error(`${where}: unknown key ${unknown.join(", ")}`);
}
