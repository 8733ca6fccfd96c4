/** What docs/kubernetes.md says of Jobs that fail. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../../..");
const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");

it("quotes what the scripts say", () => {
  const [, table = ""] = read("docs/kubernetes.md").split("| a Job that fails |");
  const [rows = ""] = table.split("\n\n");
  const quoted = [...rows.matchAll(/^\| `([^`]+)` \|/gm)].map(([, text = ""]) => text);
  expect(quoted.length).toBeGreaterThan(4);
  const scripts = ["source", "rotate", "retire"]
    .map((name) => read(`packages/cli/automation/kubernetes-${name}.sh`))
    .join("");
  const parts = quoted.flatMap((text) => text.split("...")).map((part) => part.trim());
  expect(parts.filter((part) => !scripts.includes(part))).toEqual([]);
});
