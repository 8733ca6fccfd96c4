/** What the GitHub App has to be allowed, against what docs/automation.md says of it. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FOR_ACTION, FOR_WORKFLOW } from "./github/app.ts";
import { REPOSITORY, STEPS } from "./github/rotation.ts";
import { readWorkflow } from "./github/yaml.ts";
import { type Access, allows, type Permissions } from "./stubs/tokens.ts";

const WORKFLOW = join(REPOSITORY, ".github/workflows/rotate-keys.yml");

/** The permissions that the jobs of some workflows want for their tokens of the App. */
function wanted(...paths: readonly string[]): Permissions {
  const all: Record<string, Access> = {};
  const steps = paths.flatMap((path) =>
    Object.values(readWorkflow(path).jobs).flatMap((job) => job.steps ?? []),
  );
  for (const { uses, with: given } of steps) {
    if (!uses?.startsWith("actions/create-github-app-token@")) continue;
    for (const [input, value] of Object.entries(given ?? {})) {
      const [, name] = /^permission-(.+)$/.exec(input) ?? [];
      if (name !== undefined && !allows(all, name, value as Access)) all[name] = value as Access;
    }
  }
  return all;
}

describe("the page names for the App what it needs, and no more", () => {
  it("for the workflow", () => {
    expect(FOR_WORKFLOW).toEqual(wanted(WORKFLOW));
  });

  it("for the action as well", () => {
    expect(FOR_ACTION).toEqual(wanted(WORKFLOW, STEPS.path ?? ""));
  });
});
