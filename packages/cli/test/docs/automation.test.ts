/** What docs/automation.md says of files that we ship, and of metrics. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { fencesOf } from "./fences.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const page = read("docs/automation.md");

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[];
}

it("has alert rules on metrics, phases and nothing else", () => {
  const [fence] = fencesOf(page).filter(({ content }) => content.startsWith("groups:"));
  const { groups } = parse(fence?.content ?? "") as Rules;
  const exprs = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
  const metrics = [...read("docs/cli.md").matchAll(/^\| `(proxmox_mcp_\w+)` \|/gm)].map(
    ([, name]) => name,
  );
  const used = exprs.flatMap((expr) => expr.match(/proxmox_mcp_\w+/g) ?? []);
  expect(used.length).toBeGreaterThan(5);
  expect(used.filter((name) => !metrics.includes(name))).toEqual([]);
  const phases = [...read("docs/rotation.md").matchAll(/^\| `(\w+)` \| .* \|$/gm)].map(
    ([, name]) => name,
  );
  const named = exprs.flatMap((expr) => /phase=~"([^"]+)"/.exec(expr)?.[1]?.split("|") ?? []);
  expect(named).not.toEqual([]);
  expect(named.filter((name) => !phases.includes(name))).toEqual([]);
});

it("lists every sink", () => {
  const listed = [...page.matchAll(/^\| [^|]+ \| `([\w-]+\.sh)` \|/gm)].map(([, name]) => name);
  const shipped = readdirSync(join(ROOT, "packages/cli/sinks")).filter(
    (name) => name !== "key-text.sh",
  );
  expect([...listed].sort()).toEqual(shipped.sort());
});

it("lets the default branch alone use the key's environment, before the key is there", () => {
  const commands = ["branch_policy[custom_branch_policies]=true", '-branch-policies" -f name=main'];
  const places = [...commands, "gh secret set PROXMOX_MCP_MASTER_KEY --env"].map((command) =>
    page.indexOf(command),
  );
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((one, other) => one - other));
  expect(page).toContain("[protected_branches]=false");
});

it("wants a workflow with the action to let one run go at a time", () => {
  const [fence] = fencesOf(page).filter(({ content }) => content.startsWith("concurrency:"));
  const { concurrency } = parse(fence?.content ?? "") as { concurrency: object };
  expect(concurrency).toMatchObject({ "cancel-in-progress": false });
  expect(read("action.yml")).toContain("concurrency group with cancel-in-progress false");
});

it("names the inputs of the workflow", () => {
  const { on } = parse(read(".github/workflows/rotate-keys.yml")) as {
    on: { workflow_call: { inputs: object } };
  };
  const section = page.slice(
    page.indexOf("**3. The workflow.**"),
    page.indexOf("**4. The first run.**"),
  );
  const listed = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  expect(listed.length).toBeGreaterThan(4);
  expect(listed.filter((name = "") => !(name in on.workflow_call.inputs))).toEqual([]);
});
