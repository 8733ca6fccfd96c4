import { formatError } from "@proxmox-mcp/crypto";
import { SecretText, type ServerConfig } from "@proxmox-mcp/crypto/config";
import { describe, expect, test } from "vitest";
import { onToolListChange } from "../../src/mcp/list-change.ts";
import { type Caller, STDIO_CALLER } from "../../src/policy/caller.ts";
import { allowedTools, refusalOf, toolsOfAnybody } from "../../src/policy/policy.ts";
import type { Deployment } from "../../src/runtime/deployment.ts";
import { TOOLS } from "../../src/tools/index.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { type GivenPolicy, serverConfig } from "../config.ts";

const EXEC = { allow: ["uptime"], shell: false, timeout: 30, max_output: 65_536 };

const KEYS = Object.fromEntries(
  [
    "ops",
    "ci",
    "ci.build/eu",
    ...Object.keys(Object.getOwnPropertyDescriptors(Object.prototype)),
  ].map((name) => [name, new SecretText("example-key")]),
);

function configOf(policy: GivenPolicy): ServerConfig {
  return serverConfig({ policy, http: { api_keys: KEYS } });
}

/** A tool as policy sees it. */
function tool(name: string, mode: Tool["mode"], effect: Tool["effect"]): Tool {
  return { name, mode, effect } as Tool;
}

const READ = tool("get_vms", "read-only", "read");
const LIST = tool("list_snapshots", "operate", "read");
const START = tool("start_vm", "operate", "change");
const DELETE = tool("delete_vm", "full", "destroy");
const RUN = tool("execute_vm_command", "operate", "run-command");
const EXAMPLES = [READ, LIST, START, DELETE, RUN];

const keyed = (key: string | undefined): Caller => ({
  transport: "http",
  key,
  address: "192.0.2.1",
});
const OPS = keyed("ops");

const READS = ["get_vms"];
const OPERATES = ["get_vms", "list_snapshots", "start_vm"];
const FULL = [...OPERATES, "delete_vm"];

test.each<[string, GivenPolicy, Caller, readonly string[]]>([
  ["nothing said", {}, STDIO_CALLER, READS],
  ["read-only", { mode: "read-only" }, STDIO_CALLER, READS],
  ["none", { mode: "none", exec: EXEC }, STDIO_CALLER, []],
  ["a single tool and no others", { mode: "none", allow: ["get_vms"] }, STDIO_CALLER, READS],
  ["a key that may see metrics alone", { keys: { ops: { mode: "none" } } }, OPS, []],
  ["operate", { mode: "operate" }, STDIO_CALLER, OPERATES],
  ["full", { mode: "full" }, STDIO_CALLER, FULL],
  ["a tool beyond the mode", { allow: ["delete_vm"] }, STDIO_CALLER, ["get_vms", "delete_vm"]],
  [
    "a tool below the mode",
    { mode: "full", deny: ["start_vm"] },
    STDIO_CALLER,
    ["get_vms", "list_snapshots", "delete_vm"],
  ],
  ["deny goes before allow", { allow: ["start_vm"], deny: ["start_vm"] }, STDIO_CALLER, READS],
  ["deny takes reading away, too", { deny: ["get_vms"] }, STDIO_CALLER, []],
  ["commands need no mode", { exec: EXEC }, STDIO_CALLER, [...READS, "execute_vm_command"]],
  ["commands need exec", { mode: "full", allow: ["execute_vm_command"] }, STDIO_CALLER, FULL],
  ["an exec that allows nothing", { exec: { ...EXEC, allow: [] } }, STDIO_CALLER, READS],
  ["deny goes before exec", { exec: EXEC, deny: ["execute_vm_command"] }, STDIO_CALLER, READS],
  ["a key without rules of its own", { mode: "operate" }, OPS, OPERATES],
  [
    "a key without rules of its own may run commands",
    { exec: EXEC },
    OPS,
    [...READS, "execute_vm_command"],
  ],
  ["no key over HTTP", { mode: "operate", keys: { ops: {} } }, keyed(undefined), OPERATES],
  ["rules of a key take the place of others", { mode: "full", keys: { ops: {} } }, OPS, READS],
  ["also where others are less", { keys: { ops: { mode: "full" } } }, OPS, FULL],
  ["and not for other keys", { keys: { ops: { mode: "full" } } }, keyed("ci"), READS],
  ["a key that was removed after it was shown", { mode: "full" }, keyed("gone"), []],
  ["nor over stdio", { keys: { ops: { mode: "full" } } }, STDIO_CALLER, READS],
  ["general allow is not theirs", { allow: ["start_vm"], keys: { ops: {} } }, OPS, READS],
  ["nor is general deny", { deny: ["get_vms"], keys: { ops: {} } }, OPS, READS],
  ["a key's own rules do not run commands", { exec: EXEC, keys: { ops: {} } }, OPS, READS],
  [
    "but from operate on",
    { exec: EXEC, keys: { ops: { mode: "operate" } } },
    OPS,
    [...OPERATES, "execute_vm_command"],
  ],
  [
    "or where they allow it",
    { exec: EXEC, keys: { ops: { allow: ["execute_vm_command"] } } },
    OPS,
    [...READS, "execute_vm_command"],
  ],
  ["and never without exec", { keys: { ops: { mode: "full" } } }, OPS, FULL],
  ["a key by the name of a property", { mode: "full" }, keyed("constructor"), FULL],
])("%s", (_, example, caller, names) => {
  const allowed = allowedTools(EXAMPLES, configOf(example), caller);
  expect(allowed.map(({ name }) => name)).toEqual(names);
});

test.each<[GivenPolicy, Caller, Tool, location: string, hint: string]>([
  [
    {},
    STDIO_CALLER,
    START,
    "/policy/mode",
    "set policy.mode to operate, or list start_vm in policy.allow",
  ],
  [
    { mode: "operate" },
    OPS,
    DELETE,
    "/policy/mode",
    "set policy.mode to full, or list delete_vm in",
  ],
  [{ deny: ["start_vm"] }, OPS, START, "/policy/deny", "take start_vm out of policy.deny"],
  [
    { mode: "full" },
    OPS,
    RUN,
    "/policy/exec/allow",
    "list the commands that may run in policy.exec",
  ],
  [
    { mode: "full", keys: { ops: {} } },
    OPS,
    START,
    "/policy/keys/ops/mode",
    "set policy.keys.ops.mode to operate, or list start_vm in policy.keys.ops.allow",
  ],
  [
    { keys: { "ci.build/eu": { deny: ["get_vms"] } } },
    keyed("ci.build/eu"),
    READ,
    "/policy/keys/ci.build~1eu/deny",
    "take get_vms out of policy.keys.ci.build/eu.deny",
  ],
])("a refusal names the setting: %#", (example, caller, refused, location, hint) => {
  const refusal = refusalOf(refused, configOf(example), caller);
  expect(refusal).toMatchObject({ code: "POLICY_DENIED", where: { location } });
  expect(refusal?.hint).toContain(hint);
  expect(refusal && formatError(refusal)).toContain(`${location}: ${refused.name} is`);
});

test("of the server's own tools only those that read are on by default", () => {
  const tools = allowedTools(TOOLS, configOf({}), STDIO_CALLER);
  expect(new Set(tools.map(({ effect }) => effect))).toEqual(new Set(["read"]));
  for (const { effect, mode } of TOOLS) {
    if (effect === "change") expect(mode).not.toBe("read-only");
    if (effect === "destroy") expect(["operate", "full"]).toContain(mode);
    if (effect === "run-command") expect(mode).not.toBe("read-only");
  }
});

test("what anybody may call is what the health check asks privileges for", () => {
  const config = configOf({ keys: { ops: { mode: "operate" }, ci: { allow: ["delete_vm"] } } });
  expect(toolsOfAnybody(EXAMPLES, config).map(({ name }) => name)).toEqual(FULL);
});

describe("that tools change is told", () => {
  function changes(before: GivenPolicy, next: GivenPolicy): number {
    let heard = 0;
    let tell: (next: Deployment, before: Deployment) => void = () => {};
    const deployments = {
      acquire: () => {
        throw new Error("nobody calls here");
      },
      onReplaced(listener: typeof tell) {
        tell = listener;
        return () => {};
      },
    };
    onToolListChange(EXAMPLES, deployments, () => {
      heard += 1;
    });
    const deployment = (example: GivenPolicy) => ({ config: configOf(example) }) as Deployment;
    tell(deployment(next), deployment(before));
    return heard;
  }

  test.each<[string, GivenPolicy, GivenPolicy, number]>([
    ["for another mode", {}, { mode: "operate" }, 1],
    [
      "not for the same list by other words",
      { mode: "full" },
      { mode: "full", allow: ["start_vm"] },
      0,
    ],
    ["for the rules of one key", {}, { keys: { ops: { mode: "full" } } }, 1],
    ["for rules that are gone", { keys: { ops: { mode: "full" } } }, {}, 1],
    ["not for rules that say the same", {}, { keys: { ops: {} } }, 0],
    ["for commands", {}, { exec: EXEC }, 1],
  ])("%s", (_, before, next, heard) => {
    expect(changes(before, next)).toBe(heard);
  });
});
