/** A repository on GitHub whose keys are rotated: what its people and its platform do around the workflow. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FIRST_KEY, OTHERS, PLAIN, sealTexts } from "../configs.ts";
import { createEvidence } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import { FAILED, type Rotation, type RunEnd } from "../rotation.ts";
import { DEPLOYMENTS, type Deployment, issues, PULLS, type Pull, pulls } from "../stubs/gh.ts";
import { REGISTRY, type Registry } from "../stubs/npm.ts";
import { readState, store, stored, writeState } from "../stubs/state.ts";
import type { Permissions } from "../stubs/tokens.ts";
import type { Cli, World } from "../world.ts";
import { FOR_ACTION, FOR_WORKFLOW } from "./app.ts";
import { ENVIRONMENT } from "./contexts.ts";
import type { Event, Platform } from "./platform.ts";
import { type Ended, runWorkflow } from "./workflow.ts";

/** The root of our own repository. */
export const REPOSITORY: string = fileURLToPath(new URL("../../../../../", import.meta.url));
const WORKFLOW = join(REPOSITORY, ".github/workflows/rotate-keys.yml");
/** Where the key text is. */
export const STORE: string = `github/${ENVIRONMENT}/PROXMOX_MCP_MASTER_KEY`;

/** The day of each quarter on which a rotation begins, and the weekly look after it. */
export const QUARTERLY: Event = { name: "schedule", schedule: "17 3 1 1,4,7,10 *" };
export const WEEKLY: Event = { name: "schedule", schedule: "41 4 * * 1" };

/** Somebody starts it, and says what to do. */
export function byHand(action: string, confirm = false): Event {
  return { name: "workflow_dispatch", inputs: { action, "confirm-deployed": confirm } };
}

/** How one run of the workflow went. */
export interface WorkflowEnd extends RunEnd {
  readonly jobs: Ended;
}

/** A repository with its workflow. */
export interface GithubRotation extends Rotation {
  run(event?: Event, fault?: Fault): Promise<WorkflowEnd>;
  openPulls(): readonly Pull[];
  /** Merges every pull request that is open, and deletes its branch. @returns how many. */
  mergeAll(how?: "merge" | "squash" | "keep branch"): number;
  /** Deploys `main`, as the owner's own pipeline does. */
  deploy(state?: Deployment["state"]): void;
}

/** What a rotation is made of. */
export interface RotationOptions {
  readonly world: World;
  readonly cli: Cli;
  /** The workflow file, if it is another one than ours. */
  readonly path?: string;
  /** Settings of the repository, beside those that every one has. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether npm itself installs the tool on every machine. */
  readonly withNpm?: boolean;
  /** What the App may do, if not what our workflow needs. */
  readonly app?: Permissions;
}

/** A workflow of somebody who puts the steps of the action together. */
export const STEPS: Pick<RotationOptions, "path" | "app"> = {
  path: fileURLToPath(new URL("steps.yml", import.meta.url)),
  app: FOR_ACTION,
};

/** A repository with configs and one key; or what a world has of one. */
export function createRotation({
  world,
  cli,
  path = WORKFLOW,
  variables,
  withNpm = false,
  app = FOR_WORKFLOW,
}: RotationOptions): GithubRotation {
  const { directory, repository } = world;
  if (repository.branches()["main"] === undefined) {
    repository.commit("main", { ...OTHERS, ...sealTexts(PLAIN) }, "Begin");
    store(directory, STORE, FIRST_KEY);
  }
  const registry: Registry = withNpm ? { tarball: cli.tarball } : cli;
  writeState(directory, REGISTRY, registry);
  const platform: Platform = {
    world,
    repositories: { "proxmox-mcp/proxmox-mcp": REPOSITORY },
    secrets: { PROXMOX_MCP_APP_PRIVATE_KEY: "example-private-key" },
    variables: {
      PROXMOX_MCP_PATHS: "configs",
      PROXMOX_MCP_VERSION: "0.0.0",
      PROXMOX_MCP_APP_ID: "1234",
      PROXMOX_MCP_DEPLOYMENT_ENVIRONMENT: "production",
      ...variables,
    },
    app,
  };
  const main = (): string => repository.branches()["main"] ?? "";
  const rotation: GithubRotation = {
    world,
    evidence: [],
    plain: PLAIN,
    others: OTHERS,
    async run(event = QUARTERLY, fault) {
      const evidence = createEvidence();
      const { switchboard } = world;
      switchboard.begin(fault);
      const jobs = await runWorkflow({ platform, event, commit: main(), evidence }, path);
      evidence.calls.push(...switchboard.calls);
      rotation.evidence.push(evidence);
      if (switchboard.surprises.length > 0) throw new Error(switchboard.surprises.join("\n"));
      const labels = [...evidence.calls.map(({ label }) => label), ...evidence.moments];
      const results = Object.values(jobs).map(({ result }) => result);
      const ok = !results.includes("failure") && !results.includes("cancelled");
      // A run that is cut off before its last job, or in that, is seen to be so by everybody.
      const report = jobs["report"]?.result ?? "none";
      const isTold =
        !["success", "skipped"].includes(report) ||
        issues(directory).some(({ title, state }) => title === FAILED && state === "OPEN");
      return { jobs, evidence, ok, isTold, labels, printed: evidence.printed.join("\n") };
    },
    goOn: (fault) => rotation.run(QUARTERLY, fault),
    advance() {
      if (rotation.mergeAll() > 0) rotation.deploy();
    },
    openPulls: () => pulls(directory).filter(({ state }) => state === "OPEN"),
    mergeAll(how = "merge") {
      const open = rotation.openPulls();
      for (const { head } of open) {
        repository.merge(head, how === "squash" ? "squash" : "merge");
        if (how !== "keep branch") repository.delete(head);
      }
      writeState(
        directory,
        PULLS,
        pulls(directory).map((pull) =>
          open.some(({ number }) => number === pull.number) ? { ...pull, state: "MERGED" } : pull,
        ),
      );
      return open.length;
    },
    deploy(state = "SUCCESS") {
      const known = readState<readonly Deployment[]>(directory, DEPLOYMENTS, []);
      const createdAt = new Date(Date.UTC(2026, 0, 1 + known.length)).toISOString();
      const next: Deployment = { environment: "production", commitOid: main(), state, createdAt };
      writeState(directory, DEPLOYMENTS, [...known, next]);
    },
    keyText: () => stored(directory, STORE) ?? "",
    source: "main",
    places() {
      const branches = repository.branches();
      const places = Object.entries(branches).map(([name, commit]) => [
        name,
        repository.files(commit),
      ]);
      const done = readState<readonly Deployment[]>(directory, DEPLOYMENTS, []);
      for (const { commitOid } of done.filter(({ state }) => state === "SUCCESS").slice(-1))
        places.push(["what is deployed", repository.files(commitOid)]);
      return Object.fromEntries(places);
    },
    changes: () =>
      Object.fromEntries(
        Object.keys(repository.branches()).map((branch) => [branch, repository.changed(branch)]),
      ),
    said: () => [
      ...issues(directory).flatMap(({ title, texts }) => [title, ...texts]),
      ...pulls(directory).flatMap(({ title, body }) => [title, body]),
    ],
    openProposals: () => rotation.openPulls().length,
  };
  return rotation;
}
