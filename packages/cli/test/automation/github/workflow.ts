/** Runs the jobs of a workflow file, in the order and under the conditions that it states. */
import { join } from "node:path";
import type { Evidence } from "../evidence.ts";
import { grant } from "../stubs/tokens.ts";
import {
  filled,
  githubContext,
  githubVariables,
  inputsOf,
  needsContext,
  secretsContext,
  withDefaults,
} from "./contexts.ts";
import { fillIn, holds, type Scope, type Value } from "./expression.ts";
import { type JobEnd, runJob } from "./job.ts";
import type { Event, Platform, Result } from "./platform.ts";
import { type Job, readWorkflow, type Workflow } from "./yaml.ts";

/** How the jobs of a run ended. */
export type Ended = Readonly<Record<string, JobEnd>>;

/** What runs. */
export interface Run {
  readonly platform: Platform;
  readonly event: Event;
  /** The head of `main` when the event happened. */
  readonly commit: string;
  readonly evidence: Evidence;
}

/** What a workflow is given by the one that calls it. */
interface Call {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Runs a workflow file, until its jobs have ended or every machine is lost. */
export async function runWorkflow(run: Run, path: string, call?: Call): Promise<Ended> {
  const { platform, evidence, event, commit } = run;
  const workflow = readWorkflow(path);
  mustBeCareful(workflow, path);
  const ended: Record<string, JobEnd> = {};
  for (const name of inOrder(workflow.jobs)) {
    const job = workflow.jobs[name] as Job;
    const scope: Scope = {
      contexts: {
        github: githubContext(event, commit),
        inputs: { names: call?.inputs ?? inputsOf(workflow, event) },
        vars: { names: platform.variables, others: "" },
        needs: needsContext(needsOf(job), ended),
      },
      status: statusOf(job, workflow.jobs, ended),
    };
    if (!holds(job.if, scope)) {
      ended[name] = { result: "skipped", outputs: {} };
      continue;
    }
    const permissions = job.permissions ?? workflow.permissions ?? {};
    const token = grant(platform.world.directory, `ghs_exampleJobToken-${name}`, permissions);
    const environment = job.environment && fillIn(job.environment, scope);
    const secrets = secretsContext(platform, environment, token, call?.secrets);
    const contexts = { ...scope.contexts, secrets };
    ended[name] =
      job.uses === undefined
        ? await runJob({
            name,
            job,
            platform,
            evidence,
            contexts,
            env: { ...githubVariables(event, commit), ...filled(workflow.env, scope) },
            shell: job.defaults?.run?.shell ?? workflow.defaults?.run?.shell,
            ref: "refs/heads/main",
            token,
          })
        : await runCalled(run, job, { contexts });
    const moment = `after ${name}`;
    evidence.moments.push(moment);
    // Nothing of this run comes after it.
    if (platform.world.switchboard.pass(moment)) break;
  }
  return ended;
}

async function runCalled(run: Run, job: Job, scope: Scope): Promise<JobEnd> {
  const [, repository = "", file = ""] =
    /^([^/]+\/[^/]+)\/(.+)@[\w.-]+$/.exec(job.uses ?? "") ?? [];
  const directory = run.platform.repositories[repository];
  if (directory === undefined) throw new Error(`nobody plays ${job.uses}`);
  const path = join(directory, file);
  const declared = readWorkflow(path).on.workflow_call;
  if (declared === undefined) throw new Error(`${file} cannot be called`);
  const inputs = withDefaults(declared?.inputs ?? {}, filled(job.with, scope));
  if (job.secrets === "inherit") throw new Error("nobody plays inherited secrets");
  const secrets = filled(job.secrets, scope);
  const unknown = Object.keys(secrets).filter((name) => declared?.secrets?.[name] === undefined);
  if (unknown.length > 0) throw new Error(`${file} knows no secret ${unknown.join(", ")}`);
  const jobs = await runWorkflow(run, path, { inputs, secrets });
  const results = Object.values(jobs).map(({ result }) => result);
  return { result: results.includes("failure") ? "failure" : "success", outputs: {} };
}

/** What any workflow that touches a key has to state. */
function mustBeCareful(workflow: Workflow, path: string): void {
  const own = Object.entries(workflow.jobs).filter(([, job]) => job.uses === undefined);
  const isQueued = own.length === 0 || workflow.concurrency?.["cancel-in-progress"] === false;
  const wrong = [
    ...(JSON.stringify(workflow.permissions) === "{}" ? [] : ['"permissions: {}" on top']),
    ...(isQueued ? [] : ["concurrency"]),
    ...own.flatMap(([name, job]) => (job["timeout-minutes"] ? [] : [`a timeout of ${name}`])),
  ];
  if (wrong.length > 0) throw new Error(`${path} lacks ${wrong.join(", ")}`);
}

function statusOf(
  job: Job,
  jobs: Readonly<Record<string, Job>>,
  ended: Ended,
): Readonly<Record<string, boolean>> {
  const results = (names: readonly string[]): readonly Result[] =>
    names.map((name) => ended[name]?.result ?? "skipped");
  const ancestors = (name: string): readonly string[] => {
    const needs = needsOf(jobs[name] as Job);
    return [...needs, ...needs.flatMap(ancestors)];
  };
  const needs = needsOf(job);
  return {
    success: results(needs).every((result) => result === "success"),
    failure: results([...needs, ...needs.flatMap(ancestors)]).includes("failure"),
    cancelled: results(needs).includes("cancelled"),
    always: true,
  };
}

function needsOf(job: Job): readonly string[] {
  return typeof job.needs === "string" ? [job.needs] : (job.needs ?? []);
}

function inOrder(jobs: Readonly<Record<string, Job>>): readonly string[] {
  const order: string[] = [];
  const visit = (name: string): void => {
    if (order.includes(name)) return;
    const job = jobs[name];
    if (job === undefined) throw new Error(`there is no job ${name}`);
    needsOf(job).forEach(visit);
    order.push(name);
  };
  Object.keys(jobs).forEach(visit);
  return order;
}
