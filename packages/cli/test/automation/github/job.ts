/** Runs the steps of one job on a machine of its own. */
import { join } from "node:path";
import type { Evidence } from "../evidence.ts";
import type { Machine } from "../machine.ts";
import { commandFiles, withoutMasks } from "./commands.ts";
import { filled } from "./contexts.ts";
import { asText, fillIn, holds, type Scope, type Value } from "./expression.ts";
import type { Platform, Result } from "./platform.ts";
import { PLAYED } from "./uses.ts";
import { type Action, type Job, readAction, type Step } from "./yaml.ts";

/** What a job is run with. */
export interface JobStart {
  readonly name: string;
  readonly job: Job;
  readonly platform: Platform;
  readonly evidence: Evidence;
  /** The contexts `github`, `inputs`, `secrets`, `vars` and `needs`. */
  readonly contexts: Readonly<Record<string, Value>>;
  /** Variables that GitHub sets, and those of the workflow. */
  readonly env: Readonly<Record<string, string>>;
  /** The shell of steps that name none. */
  readonly shell?: string | undefined;
  /** What is checked out where nothing else is named. */
  readonly ref: string;
  readonly token: string;
}

/** How a job ended. */
export interface JobEnd {
  readonly result: Result;
  readonly outputs: Readonly<Record<string, string>>;
}

// The machine is gone, and with it every step that was to come.
class Lost extends Error {}

/** Runs a job. */
export async function runJob(start: JobStart): Promise<JobEnd> {
  const { platform, evidence, job } = start;
  const machine = platform.world.startMachine();
  const runner = createRunner(start, machine);
  try {
    const steps = await runner.all(job.steps ?? [], undefined);
    const outputs = Object.fromEntries(
      Object.entries(job.outputs ?? {}).map(([name, text]) => [name, fillIn(text, steps.scope)]),
    );
    evidence.handedOver.push(...Object.values(outputs));
    return { result: runner.status(), outputs };
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    return { result: "failure", outputs: {} };
  } finally {
    evidence.left.push(...machine.throwAway());
  }
}

function createRunner(start: JobStart, machine: Machine) {
  const { name: jobName, job, platform, evidence } = start;
  let env: Record<string, string> = {
    ...machine.environment,
    ...start.env,
    RUNNER_TEMP: machine.temporary,
    RUNNER_OS: "Linux",
    GITHUB_WORKSPACE: machine.workspace,
    GITHUB_JOB: jobName,
  };
  let status: Result = "success";
  let count = 0;

  /** @param inside the action whose steps these are, with what it was given. */
  async function all(
    steps: readonly Step[],
    inside: { readonly inputs: Value; readonly path: string } | undefined,
    outer: Readonly<Record<string, string>> = {},
  ): Promise<{ scope: Scope; ok: boolean; lost: boolean }> {
    const ended: Record<string, Value> = {};
    let ok = true;
    let isLost = false;
    const scopeOf = (more: Readonly<Record<string, string>>): Scope => ({
      contexts: {
        ...start.contexts,
        ...(inside && { inputs: inside.inputs }),
        github: withNames(start.contexts["github"], {
          workspace: machine.workspace,
          token: start.token,
          job: jobName,
          ...(inside && { action_path: inside.path }),
        }),
        runner: { names: { temp: machine.temporary, os: "Linux", arch: "X64" } },
        env: { names: { ...env, ...outer, ...more }, others: "" },
        steps: { names: ended },
        job: { names: { status } },
      },
      status: {
        success: ok && status === "success",
        failure: status === "failure" || !ok,
        cancelled: status === "cancelled",
        always: true,
      },
    });
    if (!inside) env = { ...env, ...filled(job.env, scopeOf({})) };
    for (const step of steps) {
      const what =
        step.id ?? step.name ?? step.uses?.split("@")[0] ?? `step ${steps.indexOf(step)}`;
      const scope = scopeOf({});
      if (!holds(step.if, scope)) {
        if (step.id) ended[step.id] = outcome("skipped", {});
        continue;
      }
      const stepEnv = { ...outer, ...filled(step.env, scope) };
      const {
        success,
        outputs,
        lost = false,
      } = await one(step, what, scopeOf(stepEnv), stepEnv, inside);
      if (step.id) ended[step.id] = outcome(success ? "success" : "failure", outputs);
      if (success || step["continue-on-error"]) continue;
      ok = false;
      isLost ||= lost;
      if (!inside && status === "success") status = lost ? "cancelled" : "failure";
    }
    return { scope: scopeOf({}), ok, lost: isLost };
  }

  async function one(
    step: Step,
    what: string,
    scope: Scope,
    stepEnv: Readonly<Record<string, string>>,
    inside: { readonly path: string } | undefined,
  ): Promise<{ success: boolean; outputs: Readonly<Record<string, string>>; lost?: boolean }> {
    const moment = `${jobName}: before ${what} #${++count}`;
    evidence.moments.push(moment);
    const { switchboard } = platform.world;
    if (switchboard.pass(moment)) throw new Lost();
    switchboard.enter(jobName, what);
    if (step.uses !== undefined) return await use(step, scope, stepEnv);
    const { shell = inside === undefined ? start.shell : undefined } = step;
    const files = commandFiles(machine.temporary, String(count));
    const directory = step["working-directory"];
    const {
      status: exit,
      printed,
      cut,
    } = await machine.runShell({
      argv: shellArgv(shell, inside !== undefined),
      script: step.run ?? "",
      directory: join(machine.workspace, directory === undefined ? "." : fillIn(directory, scope)),
      env: {
        ...env,
        ...stepEnv,
        ...files.env,
        ...(inside && { GITHUB_ACTION_PATH: inside.path }),
      },
    });
    const { shown, masks } = withoutMasks(printed);
    evidence.printed.push(shown);
    evidence.masks.push(...masks);
    if (cut === "kill") throw new Lost();
    const { environment, outputs, path, raw } = files.read();
    evidence.handedOver.push(raw);
    env = { ...env, ...environment, PATH: behindStubs(env["PATH"] ?? "", path) };
    return { success: exit === 0, outputs, lost: cut === "hang" };
  }

  async function use(step: Step, scope: Scope, stepEnv: Readonly<Record<string, string>>) {
    const { uses = "" } = step;
    const [name = "", version] = uses.split("@");
    const given = filled(step.with, scope);
    const play = PLAYED[name];
    if (play !== undefined) {
      if (!/^[0-9a-f]{40}$/.test(version ?? "")) throw new Error(`${uses} is not pinned by a hash`);
      const { workspace, home } = machine;
      try {
        const { ref, token } = start;
        const outputs = play({ platform, with: given, workspace, home, ref, token });
        return { success: true, outputs };
      } catch (error) {
        evidence.printed.push(`${uses}: ${error}`);
        return { success: false, outputs: {} };
      }
    }
    const path = platform.repositories[name];
    if (path === undefined) throw new Error(`nobody plays ${uses}`);
    const action = readAction(join(path, "action.yml"));
    const {
      scope: inner,
      ok,
      lost,
    } = await all(action.runs.steps, { inputs: { names: inputsOf(action, given) }, path }, stepEnv);
    const outputs = Object.entries(action.outputs ?? {}).map(([output, { value }]) => [
      output,
      fillIn(value, inner),
    ]);
    return { success: ok, outputs: Object.fromEntries(outputs), lost };
  }

  return { all, status: () => status };
}

function inputsOf(
  action: Action,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const known = action.inputs ?? {};
  const unknown = Object.keys(given).filter((name) => known[name] === undefined);
  if (unknown.length > 0) throw new Error(`${action.name}: unknown input ${unknown.join(", ")}`);
  return Object.fromEntries(
    Object.entries(known).map(([name, input]) => {
      const value = given[name] ?? asText(input.default ?? null);
      return [name, value];
    }),
  );
}

// As GitHub starts them: "bash" named explicitly also fails in the middle of a pipe.
function shellArgv(shell: string | undefined, isInAction: boolean): readonly string[] {
  if (shell === "bash") return ["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"];
  if (shell !== undefined || isInAction) throw new Error(`nobody plays the shell ${shell}`);
  return ["bash", "-e", "{0}"];
}

// The stub programs stay ahead of what a step adds.
function behindStubs(path: string, added: readonly string[]): string {
  const [stubs = "", ...others] = path.split(":");
  return [stubs, ...[...added].reverse(), ...others].join(":");
}

function outcome(result: Result, outputs: Readonly<Record<string, string>>): Value {
  // An output that no step wrote is empty.
  return {
    names: { outcome: result, conclusion: result, outputs: { names: outputs, others: "" } },
  };
}

function withNames(context: Value | undefined, names: Readonly<Record<string, Value>>): Value {
  const known =
    typeof context === "object" && context !== null && "names" in context ? context.names : {};
  return { names: { ...known, ...names } };
}
