/** A project on GitLab whose keys are rotated: what its people and its platform do around the pipeline. */
import { join } from "node:path";
import { FIRST_KEY, OTHERS, PLAIN, sealTexts } from "../configs.ts";
import { createEvidence } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import { REPOSITORY } from "../github/rotation.ts";
import { FAILED, type Rotation, type RunEnd } from "../rotation.ts";
import {
  DEPLOYMENTS,
  type Deployment,
  issues,
  KEY_VARIABLE,
  MERGE_REQUESTS,
  type MergeRequest,
} from "../stubs/gitlab.ts";
import { REGISTRY, type Registry } from "../stubs/npm.ts";
import { readState, store, stored, writeState } from "../stubs/state.ts";
import { grant } from "../stubs/tokens.ts";
import type { Cli, World } from "../world.ts";
import { type Result, runPipeline } from "./pipeline.ts";

/** How a pipeline went. */
export interface PipelineEnd extends RunEnd {
  readonly jobs: Readonly<Record<string, Result>>;
}

/** A project with its pipeline. */
export interface GitlabRotation extends Rotation {
  run(action: string, fault?: Fault, more?: Readonly<Record<string, string>>): Promise<PipelineEnd>;
  mergeAll(): number;
  deploy(): void;
}

/** A project with configs and one key. */
export function createRotation({ world, cli }: { world: World; cli: Cli }): GitlabRotation {
  const { directory, repository } = world;
  repository.commit("main", { ...OTHERS, ...sealTexts(PLAIN) }, "Begin");
  store(directory, KEY_VARIABLE, FIRST_KEY);
  writeState(directory, REGISTRY, cli satisfies Registry);
  const token = grant(directory, "glpat-exampleProjectToken", { api: "write", contents: "write" });
  const main = (): string => repository.branches()["main"] ?? "";
  const requests = () => readState<readonly MergeRequest[]>(directory, MERGE_REQUESTS, []);
  const rotation: GitlabRotation = {
    world,
    evidence: [],
    plain: PLAIN,
    others: OTHERS,
    source: "main",
    async run(action, fault, more = {}) {
      const evidence = createEvidence();
      const { switchboard } = world;
      switchboard.begin(fault);
      const start = {
        world,
        evidence,
        commit: main(),
        variables: () => ({
          PROXMOX_MCP_ACTION: action,
          PROXMOX_MCP_PATHS: "configs",
          PROXMOX_MCP_VERSION: "0.0.0",
          PROXMOX_MCP_DEPLOYMENT_ENVIRONMENT: "production",
          ...more,
        }),
        files: () => ({
          PROXMOX_MCP_MASTER_KEY_FILE: stored(directory, KEY_VARIABLE) ?? "",
          PROXMOX_MCP_GITLAB_TOKEN_FILE: token,
        }),
      };
      const jobs = await runPipeline(start, join(REPOSITORY, "deploy/gitlab/rotate-keys.yml"));
      evidence.calls.push(...switchboard.calls);
      rotation.evidence.push(evidence);
      if (switchboard.surprises.length > 0) throw new Error(switchboard.surprises.join("\n"));
      const labels = [...evidence.calls.map(({ label }) => label), ...evidence.moments];
      const ok = !Object.values(jobs).includes("failed");
      // A pipeline that is cut off before its last job, or in that, is seen to be so by everybody.
      const isTold =
        [undefined, "failed"].includes(jobs["report-failure"]) ||
        issues(directory).some(({ title, state }) => title === FAILED && state === "opened");
      return { jobs, evidence, ok, isTold, labels, printed: evidence.printed.join("\n") };
    },
    goOn: (fault) => rotation.run("auto", fault),
    advance() {
      if (rotation.mergeAll() > 0) rotation.deploy();
    },
    mergeAll() {
      const open = requests().filter(({ state }) => state === "opened");
      for (const { source_branch: branch } of open) {
        repository.merge(branch);
        repository.delete(branch);
      }
      writeState(
        directory,
        MERGE_REQUESTS,
        requests().map((request) => ({ ...request, state: "merged" })),
      );
      return open.length;
    },
    deploy() {
      const known = readState<readonly Deployment[]>(directory, DEPLOYMENTS, []);
      const next: Deployment = {
        environment: "production",
        sha: main(),
        status: "success",
        updated_at: new Date(Date.UTC(2026, 0, 1 + known.length)).toISOString(),
      };
      writeState(directory, DEPLOYMENTS, [...known, next]);
    },
    keyText: () => stored(directory, KEY_VARIABLE) ?? "",
    places() {
      const places = Object.entries(repository.branches()).map(([name, commit]) => [
        name,
        repository.files(commit),
      ]);
      const [last] = readState<readonly Deployment[]>(directory, DEPLOYMENTS, []).slice(-1);
      if (last !== undefined) places.push(["what is deployed", repository.files(last.sha)]);
      return Object.fromEntries(places);
    },
    changes: () =>
      Object.fromEntries(
        Object.keys(repository.branches()).map((branch) => [branch, repository.changed(branch)]),
      ),
    said: () => [
      ...issues(directory).flatMap(({ title, texts }) => [title, ...texts]),
      ...requests().flatMap(({ title, description }) => [title, description]),
    ],
    openProposals: () => requests().filter(({ state }) => state === "opened").length,
  };
  return rotation;
}
