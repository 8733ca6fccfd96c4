/** The audit log of what is done to keys. program.test.ts has it for the other commands. */
import { readdirSync } from "node:fs";
import { parseMasterKey } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import { type Cli, createCli } from "./cli.ts";
import { leakDetector } from "./leaks.ts";
import { config, OTHER_KEY, SECRET } from "./material.ts";

const env = { PROXMOX_MCP_AUDIT_LOG: "audit.log" };

async function prepared(): Promise<Cli> {
  const cli = createCli();
  cli.write("config.json", config());
  await cli.run(["generate-key"]);
  await cli.run(["encrypt", "config.json", "--in-place"]);
  return cli;
}

function entries(cli: Cli): readonly Record<string, unknown>[] {
  const lines = cli.read("audit.log").trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

function keyIds(cli: Cli): readonly (string | undefined)[] {
  const words = cli.read(cli.keyFile).trim().split(/\s+/);
  return words.map((word) => parseMasterKey(word.replace("next:", "")).id);
}

function backupOf(cli: Cli): string {
  return readdirSync(cli.directory).find((name) => name.includes(".backup.")) ?? "";
}

test("tells the life of a key: files, ids and outcomes, and never a key", async () => {
  const cli = await prepared();
  const first = cli.read(cli.keyFile);
  await cli.run(["prepare-key"], { env });
  const [old, next] = keyIds(cli);
  await cli.run(["rotate-key-all", "."], { env });
  const backup = backupOf(cli);
  await cli.run(["retire-key", "."], { env });
  await cli.run(["retire-key", ".", "--archive-key", "old.key"], { env });
  expect(entries(cli)).toMatchObject([
    { operation: "prepare-key", files: [cli.keyFile], keyIds: [old, next], outcome: "done" },
    { operation: "rotate-key-all", keyIds: [old, next], outcome: "done" },
    { operation: "retire-key", files: ["."], keyIds: [], outcome: "RETIRE_REFUSED" },
    {
      operation: "retire-key",
      files: ["old.key", cli.keyFile],
      keyIds: [next, old],
      outcome: "done",
    },
  ]);
  expect(entries(cli)[1]?.["files"]).toContain("config.json");
  expect(backup).not.toBe("");
  const leaks = leakDetector({ first, second: cli.read(cli.keyFile), SECRET });
  expect(leaks(cli.read("audit.log"))).toEqual([]);
});

test("names the backups that were deleted with a key", async () => {
  const cli = await prepared();
  await cli.run(["rotate-key", "config.json"]);
  const backup = backupOf(cli);
  await cli.run(["retire-key", ".", "--delete-backups"], { env });
  expect(entries(cli)).toMatchObject([{ operation: "retire-key", files: [backup, cli.keyFile] }]);
});

test("tells of backups that were restored or pruned", async () => {
  const cli = await prepared();
  const [old] = keyIds(cli);
  await cli.run(["rotate-key", "config.json"]);
  const backup = backupOf(cli);
  await cli.run(["backups", "restore", "config.json"], { env });
  await cli.run(["backups", "prune", backup, "--older-than", "100000w"], { env });
  expect(entries(cli)).toMatchObject([
    { operation: "backups restore", files: ["config.json"], keyIds: [old], outcome: "done" },
    { operation: "backups prune", outcome: "done" },
  ]);
});

describe("has no line for what changes nothing", () => {
  test.each([
    ["status", ["status", "config.json"]],
    ["backups list", ["backups", "list", "."]],
    ["backups verify", ["backups", "verify", "."]],
    ["rotate-key --dry-run", ["rotate-key", "config.json", "--dry-run"]],
    ["retire-key --dry-run", ["retire-key", ".", "--dry-run"]],
  ])("%s", async (_, argv) => {
    const cli = await prepared();
    await cli.run(argv, { env });
    expect(cli.snapshot().filter((line) => line.includes("audit.log"))).toEqual([]);
  });
});

test.each([
  ["rotate-key", ["rotate-key", "config.json"]],
  ["prepare-key", ["prepare-key"]],
  ["retire-key", ["retire-key", "."]],
])("that cannot be written stops %s before anything happens", async (_, argv) => {
  const cli = await prepared();
  cli.write(cli.keyFile, `${cli.read(cli.keyFile)}${OTHER_KEY}\n`, 0o600);
  const before = cli.snapshot();
  const outcome = await cli.run(argv, { env: { PROXMOX_MCP_AUDIT_LOG: "no/such/log" } });
  expect(outcome.status).toBe(8);
  expect(outcome.stderr).toMatch(/^error\[WRITE_FAILED\].*no\/such\/log/);
  expect(cli.snapshot()).toEqual(before);
});
