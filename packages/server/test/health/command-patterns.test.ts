import { describe, expect, test } from "vitest";
import { check, KEY, placeConfig, problemsOf, runServer, sealedConfig } from "../run-server.ts";

const exec = (allow: readonly string[], more: object = {}) => ({
  policy: { exec: { allow, ...more } },
});

describe("a pattern of policy.exec.allow that cannot be read", () => {
  test("is told by --test with its place and a way out, each for itself", async () => {
    const file = placeConfig(await sealedConfig(exec(["uptime", "echo 'a", "ls ** x", "'' a"])));
    const report = check(file);
    expect(report.exitStatus).toBe(5);
    expect(problemsOf(report)).toEqual([
      "schema: SCHEMA 14:9 /policy/exec/allow/1",
      "schema: SCHEMA 15:9 /policy/exec/allow/2",
      "schema: SCHEMA 16:9 /policy/exec/allow/3",
    ]);
    const problems = report.checks.flatMap((each) => each.problems);
    expect(problems.map(({ message }) => message)).toEqual([
      "a pattern of policy.exec.allow has a quote that is not closed",
      "** is not the last word of a pattern",
      "a pattern of policy.exec.allow is empty",
    ]);
    for (const { hint } of problems) expect(hint).toBeTruthy();
  });

  test("keeps the server from starting", async () => {
    const file = placeConfig(await sealedConfig(exec(["echo 'a"])));
    const { status, stdout, stderr } = runServer([file], { env: { PROXMOX_MCP_MASTER_KEY: KEY } });
    expect({ status, stdout }).toEqual({ status: 5, stdout: "" });
    expect(stderr).toMatch(/^error\[SCHEMA\]: .*config\.json:13:9 \/policy\/exec\/allow\/0: .*\n$/);
  });
});

test("with a shell a pattern is a whole text, and may hold whatever the shell reads", async () => {
  const file = placeConfig(await sealedConfig(exec(["echo it\\'s ** all"], { shell: true })));
  expect(check(file).exitStatus).toBe(0);
});
