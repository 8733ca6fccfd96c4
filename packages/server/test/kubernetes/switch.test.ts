/** deploy/kubernetes/overlays/blue-green/switch.sh, with a kubectl that says what it is told to. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../scratch.ts";
import { MANIFESTS } from "./manifests.ts";

const KUBECTL = `#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$STATE/calls"
case $1 in
  rollout) exit "$ROLLOUT" ;;
  get) printf '%s' "$READY" ;;
esac
`;

function switchTo(
  slot: string,
  { ready = "2", rollout = 0 }: { readonly ready?: string; readonly rollout?: number } = {},
): { readonly status: number | null; readonly stderr: string; readonly calls: readonly string[] } {
  const state = scratch();
  mkdirSync(join(state, "bin"));
  writeFileSync(join(state, "bin/kubectl"), KUBECTL, { mode: 0o755 });
  const { status, stderr } = spawnSync(
    "bash",
    [join(MANIFESTS, "overlays/blue-green/switch.sh"), slot],
    {
      encoding: "utf8",
      env: {
        PATH: [join(state, "bin"), process.env["PATH"] ?? ""].join(delimiter),
        STATE: state,
        READY: ready,
        ROLLOUT: String(rollout),
      },
    },
  );
  const calls = join(state, "calls");
  return {
    status,
    stderr,
    calls: existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [],
  };
}

test("the Service goes to a slot whose pods are ready, and nothing else is applied", () => {
  const { status, calls } = switchTo("green");
  expect(status).toBe(0);
  expect(calls[0]).toMatch(
    /^rollout status deployment\/proxmox-mcp-green --namespace proxmox-mcp /,
  );
  const applied = join(MANIFESTS, "overlays/blue-green/serve-green");
  expect(calls.slice(2)).toEqual([`apply --server-side --kustomize ${applied}`]);
});

test.each([
  ["a rollout that does not end", { rollout: 1 }],
  ["a slot without pods", { ready: "" }],
  ["a slot with none that is ready", { ready: "0" }],
])("%s moves no client", (_, given) => {
  const { status, calls } = switchTo("blue", given);
  expect(status).toBe(1);
  expect(calls.filter((call) => call.startsWith("apply"))).toEqual([]);
});

test("another name than that of a slot is refused", () => {
  expect(switchTo("red")).toEqual({
    status: 2,
    stderr: "usage: switch.sh blue|green\n",
    calls: [],
  });
});
