import { expect, test } from "vitest";
import { z } from "zod";
import { listEntry } from "../../src/mcp/list-entry.ts";
import { TOOLS } from "../../src/tools/index.ts";

test.each(TOOLS.map((tool) => [tool.name, tool] as const))("%s describes itself", (name, tool) => {
  const entry = listEntry(tool);
  expect(name).toMatch(/^[a-z]+(_[a-z]+)+$/);
  expect(entry.title?.length).toBeGreaterThan(5);
  expect(entry.description?.length).toBeGreaterThan(40);
  expect(entry.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
  for (const [argument, schema] of Object.entries(entry.inputSchema.properties ?? {})) {
    expect(schema, argument).toHaveProperty("description");
  }
  const isRead = tool.effect === "read";
  expect(entry.annotations).toMatchObject({
    readOnlyHint: isRead,
    destructiveHint: ["interrupt", "destroy", "run-command"].includes(tool.effect),
    idempotentHint: isRead,
  });
  expect(JSON.stringify(entry)).not.toContain("9007199254740991");
});

test("tools have different names", () => {
  expect(new Set(TOOLS.map(({ name }) => name)).size).toBe(TOOLS.length);
});

test.each<[string, readonly string[]]>([
  ["get_nodes", []],
  ["get_node_status", ["node"]],
  ["get_vms", []],
  ["get_containers", []],
  ["get_storage", []],
  ["get_cluster_status", []],
  ["execute_vm_command", ["node", "vmid", "command"]],
  ["analyze_cluster_health", []],
  ["diagnose_vm_issues", ["node", "vmid"]],
  ["suggest_resource_optimization", []],
  ["analyze_security_posture", []],
])("%s of the Python server is here and takes %j", (name, parameters) => {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  const schema = tool && z.toJSONSchema(tool.input, { io: "input" });
  expect(Object.keys(schema?.properties ?? {})).toEqual(expect.arrayContaining([...parameters]));
  // A call as clients of that server make it leaves nothing out.
  expect(parameters).toEqual(expect.arrayContaining(schema?.required ?? []));
});
