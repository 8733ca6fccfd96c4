/** What expressions of a workflow may refer to, ahead of its steps. */
import { ADDRESSES } from "../stubs/git.ts";
import { stored, storedNames } from "../stubs/state.ts";
import { fillIn, type Scope, type Value } from "./expression.ts";
import type { JobEnd } from "./job.ts";
import type { Event, Platform } from "./platform.ts";
import type { Input, Workflow } from "./yaml.ts";

const REPOSITORY = "example/configs";
/** The environment whose secrets a rotation needs. */
export const ENVIRONMENT = "proxmox-mcp-key";

/** The context `github` of a run. */
export function githubContext(event: Event, commit: string): Value {
  return {
    names: {
      repository: REPOSITORY,
      repository_owner: "example",
      ref: "refs/heads/main",
      ref_name: "main",
      sha: commit,
      event_name: event.name,
      run_id: "1000",
      run_attempt: "1",
      server_url: new URL(ADDRESSES.github).origin,
      api_url: "https://api.github.com",
      workflow: "rotate-keys",
      event: {
        names: {
          schedule: event.schedule ?? "",
          repository: { names: { default_branch: "main" } },
        },
      },
    },
  };
}

/** The same for processes. */
export function githubVariables(event: Event, commit: string): Record<string, string> {
  return {
    GITHUB_ACTIONS: "true",
    GITHUB_ACTOR: "example",
    GITHUB_API_URL: "https://api.github.com",
    GITHUB_EVENT_NAME: event.name,
    GITHUB_REF: "refs/heads/main",
    GITHUB_REF_NAME: "main",
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_REPOSITORY_OWNER: "example",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_RUN_ID: "1000",
    GITHUB_SERVER_URL: new URL(ADDRESSES.github).origin,
    GITHUB_SHA: commit,
    GITHUB_WORKFLOW: "rotate-keys",
  };
}

/**
 * Secrets of a job: those of its environment, as they are now, in front of what a caller passes.
 *
 * @param passed by the workflow that calls this one.
 */
export function secretsContext(
  { world, secrets }: Platform,
  environment: string | undefined,
  token: string,
  passed: Readonly<Record<string, string>> = {},
): Value {
  const prefix = `github/${environment}`;
  const names = environment === undefined ? [] : storedNames(world.directory, prefix);
  const kept = names.map((name) => [name, stored(world.directory, `${prefix}/${name}`) ?? ""]);
  return {
    names: {
      ...passed,
      ...(environment === ENVIRONMENT && secrets),
      ...Object.fromEntries(kept),
      GITHUB_TOKEN: token,
    },
    others: "",
  };
}

/** The context `needs` of a job. */
export function needsContext(
  needs: readonly string[],
  ended: Readonly<Record<string, JobEnd>>,
): Value {
  const entries = needs.map((name) => {
    const { result = "skipped", outputs = {} } = ended[name] ?? {};
    return [name, { names: { result, outputs: { names: outputs, others: "" } } }];
  });
  return { names: Object.fromEntries(entries) };
}

/** What an event fills in. A schedule fills in nothing: not even the defaults. */
export function inputsOf(workflow: Workflow, event: Event): Readonly<Record<string, Value>> {
  const { workflow_call: call, workflow_dispatch: dispatch } = workflow.on;
  const names = Object.keys({ ...call?.inputs, ...dispatch?.inputs });
  const empty = Object.fromEntries(names.map((name) => [name, null]));
  if (event.name !== "workflow_dispatch") return empty;
  return { ...empty, ...withDefaults(dispatch?.inputs ?? {}, event.inputs ?? {}) };
}

/** @throws Error for an input that is not declared, or that is missing. */
export function withDefaults(
  declared: Readonly<Record<string, Input>>,
  given: Readonly<Record<string, string | boolean>>,
): Readonly<Record<string, Value>> {
  const unknown = Object.keys(given).filter((name) => declared[name] === undefined);
  if (unknown.length > 0) throw new Error(`unknown input ${unknown.join(", ")}`);
  return Object.fromEntries(
    Object.entries(declared).map(([name, input]) => {
      const value = given[name] ?? input.default ?? (input.type === "boolean" ? false : "");
      if (input.required && value === "") throw new Error(`input ${name} is missing`);
      if (input.options && !input.options.includes(String(value)))
        throw new Error(`${value} is no ${name}`);
      return [name, input.type === "boolean" ? String(value) === "true" : value];
    }),
  );
}

/** Fills in every value of a list of variables. */
export function filled(
  texts: Readonly<Record<string, string | number | boolean>> | undefined,
  scope: Scope,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts ?? {}).map(([name, text]) => [name, fillIn(String(text), scope)]),
  );
}
