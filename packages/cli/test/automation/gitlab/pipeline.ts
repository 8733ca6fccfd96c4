/** Runs the jobs of a GitLab file, each on a machine of its own. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Evidence } from "../evidence.ts";
import { evaluate } from "../github/expression.ts";
import { ADDRESSES, insteadOf } from "../stubs/git.ts";
import { grant } from "../stubs/tokens.ts";
import type { World } from "../world.ts";
import { merged, taken } from "./dotenv.ts";
import { type Job, readPipeline, type When } from "./yaml.ts";

export type Result = "success" | "failed" | "skipped";

/** What a pipeline is started with. */
export interface Start {
  readonly world: World;
  readonly evidence: Evidence;
  readonly commit: string;
  /** Variables of the project and of the schedule, as they are when a job begins. */
  variables(): Readonly<Record<string, string>>;
  /** Variables of type File: a job gets the path of a file with the text. */
  files(): Readonly<Record<string, string>>;
}

// The machine is gone, and with it all that was to come on it.
class Lost extends Error {}

let jobIds = 0;

/** Where a pipeline can be seen. */
export const PIPELINE_URL = "https://gitlab.example.com/example/configs/-/pipelines/77";

/** Runs a pipeline. @returns how its jobs ended. */
export async function runPipeline(
  start: Start,
  path: string,
): Promise<Readonly<Record<string, Result>>> {
  const ended: Record<string, Result> = {};
  const dotenvs: Record<string, string> = {};
  for (const [name, job] of Object.entries(readPipeline(path))) {
    const when = whenOf(job, { ...predefined("0", start.commit, ""), ...start.variables() });
    // It is not even a part of the pipeline.
    if (when === undefined) continue;
    const needs = job.needs ?? [];
    if (needs.some((need) => ended[need] === undefined)) throw new Error(`${name} comes too early`);
    if (when === "on_success" && needs.some((need) => ended[need] !== "success")) {
      ended[name] = "skipped";
      continue;
    }
    const inherited = merged((job.dependencies ?? needs).map((other) => dotenvs[other] ?? ""));
    const { result, dotenv } = await runJob(start, name, job, inherited);
    ended[name] = result;
    dotenvs[name] = dotenv;
    const moment = `after ${name}`;
    start.evidence.moments.push(moment);
    // Nothing of this pipeline comes after it.
    if (start.world.switchboard.pass(moment)) break;
  }
  return ended;
}

/** @returns `undefined` if no rule of the job holds. */
function whenOf(job: Job, variables: Readonly<Record<string, string>>): When | undefined {
  const rule = (job.rules ?? []).find((one) => holds(one.if, variables));
  return rule && (rule.when ?? "on_success");
}

async function runJob(
  { world, evidence, commit, variables, files }: Start,
  name: string,
  job: Job,
  inherited: Readonly<Record<string, string>>,
): Promise<{ result: Result; dotenv: string }> {
  const id = `example-${process.pid}-${++jobIds}`;
  const machine = world.startMachine();
  const given = {
    ...predefined(id, commit, machine.workspace),
    CI_JOB_NAME: name,
    ...variables(),
  };
  const own = Object.fromEntries(
    Object.entries(job.variables ?? {}).map(([key, value]) => [key, expand(String(value), given)]),
  );
  const runners = `${machine.temporary}/project.tmp`;
  const besides = [`/tmp/proxmox-mcp-key-${id}`, `/tmp/proxmox-mcp-cli-${id}`];
  try {
    const env: Record<string, string> = { ...machine.environment, ...own, ...given };
    for (const [file, text] of Object.entries(files())) {
      mkdirSync(runners, { recursive: true });
      env[file] = join(runners, file);
      writeFileSync(join(runners, file), text);
      // As the runner does for a job in a container: so that a user of the image can read it.
      chmodSync(join(runners, file), 0o666);
    }
    for (const [key, value] of Object.entries(inherited)) env[key] = expand(value, env);
    if (env["GIT_STRATEGY"] !== "none") checkOut(world, machine.workspace, machine.home, commit);
    const moment = `${name}: before its script`;
    evidence.moments.push(moment);
    if (world.switchboard.pass(moment)) throw new Lost();
    const shell = async (part: string, lines: readonly string[], more = {}) => {
      world.switchboard.enter(name, part);
      const script = ["set -eo pipefail", "set +o noclobber", ...lines].join("\n");
      const argv = ["bash", "{0}"];
      const end = await machine.runShell({
        argv,
        script,
        directory: machine.workspace,
        env: { ...env, ...more },
      });
      evidence.printed.push(end.printed);
      // Where the time is over, nothing is done after it, and nothing is taken from there.
      if (end.cut !== undefined) throw new Lost();
      return end;
    };
    const { status } = await shell("script", [...(job.before_script ?? []), ...(job.script ?? [])]);
    const result = status === 0 ? "success" : "failed";
    await shell("after_script", job.after_script ?? [], { CI_JOB_STATUS: result });
    const report = job.artifacts?.reports?.dotenv;
    const path = join(machine.workspace, report ?? "");
    // However the job ended.
    const dotenv = report !== undefined && existsSync(path) ? taken(readFileSync(path)) : "";
    evidence.handedOver.push(dotenv);
    return { result, dotenv };
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    return { result: "failed", dotenv: "" };
  } finally {
    // Not ours.
    rmSync(runners, { recursive: true, force: true });
    evidence.left.push(...machine.throwAway(besides));
  }
}

function predefined(id: string, commit: string, directory: string): Record<string, string> {
  return {
    GITLAB_CI: "true",
    CI_API_V4_URL: "https://gitlab.example.com/api/v4",
    CI_COMMIT_BRANCH: "main",
    CI_COMMIT_REF_PROTECTED: "true",
    CI_COMMIT_SHA: commit,
    CI_DEFAULT_BRANCH: "main",
    CI_JOB_ID: id,
    CI_PIPELINE_URL: PIPELINE_URL,
    CI_PIPELINE_SOURCE: "schedule",
    CI_PROJECT_DIR: directory,
    CI_PROJECT_ID: "1234",
    CI_PROJECT_PATH: "example/configs",
    CI_SERVER_URL: new URL(ADDRESSES.gitlab).origin,
  };
}

// A job has a token of its own, which may read alone.
function checkOut(world: World, directory: string, home: string, commit: string): void {
  const token = grant(world.directory, "glcbt-exampleJobToken", { contents: "read" });
  const git = (...argv: readonly string[]) =>
    execFileSync("git", ["-C", directory, ...argv], {
      stdio: "pipe",
      env: { PATH: process.env["PATH"], HOME: home, ...insteadOf(world.directory) },
    });
  git("init", "--quiet");
  const { host, pathname } = new URL(`${ADDRESSES.gitlab}.git`);
  git("remote", "add", "origin", `https://gitlab-ci-token:${token}@${host}${pathname}`);
  git("fetch", "--quiet", `file://${world.repository.path}`, "+refs/heads/*:refs/remotes/origin/*");
  git("checkout", "--quiet", "--detach", commit);
}

/** The variables of a rule are those that an expression of GitHub could have. */
function holds(rule: string, variables: Readonly<Record<string, string>>): boolean {
  const expression = rule.replace(/\$(\w+)/g, "variables.$1").replace(/"([^"]*)"/g, "'$1'");
  const value = evaluate(expression, {
    contexts: { variables: { names: variables, others: "" } },
  });
  return value !== "" && value !== false && value !== null;
}

function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{?(\w+)\}?/g, (_, name: string) => variables[name] ?? "");
}
