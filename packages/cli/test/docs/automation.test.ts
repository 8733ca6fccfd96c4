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
  const shipped = readdirSync(join(ROOT, "packages/cli/sinks"));
  expect([...listed].sort()).toEqual(shipped.sort());
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
