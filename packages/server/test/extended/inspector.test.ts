/** The MCP inspector, a client that others made, lists the tools and calls one. */
import { describe, expect, test } from "vitest";
import { TOOLS } from "../../src/tools/index.ts";
import { BINARY } from "../proofs/stdio-client.ts";
import { scratch } from "../scratch.ts";
import { fromNpm } from "./from-npm.ts";

const { unreachable, node, run } = await fromNpm("@modelcontextprotocol/inspector@2.12.0");

/** What the inspector prints of a method's result. */
async function inspect(
  parameters: string,
): Promise<{ tools?: { name: string }[] } & Record<string, unknown>> {
  const call = `mcp-inspector --cli node '${BINARY}' --test-mode ${parameters}`;
  const outcome = await run(call, scratch());
  expect(outcome.status, outcome.stderr).toBe(0);
  return JSON.parse(outcome.stdout);
}

describe.skipIf(unreachable !== undefined)(
  `the MCP inspector${unreachable === undefined ? "" : ` (skipped: ${unreachable})`}`,
  () => {
    test("comes with the Node that it needs", () => {
      expect(node.status, node.stderr).toBe(0);
      expect(node.stdout.trim()).toBe("v22.23.3");
    });

    test("lists the tools", async () => {
      const { tools } = await inspect("--method tools/list");
      // Without a policy nothing may be changed, and no command may run.
      const names = TOOLS.filter(({ mode }) => mode === "read-only").map(({ name }) => name);
      expect(tools?.map(({ name }) => name)).toEqual(names);
    });

    test("calls get_vms", async () => {
      const result = await inspect(
        "--method tools/call --tool-name get_vms --tool-arg status=running",
      );
      expect(result).not.toHaveProperty("isError", true);
      expect(result["structuredContent"]).toMatchObject({
        guests: expect.arrayContaining([
          expect.objectContaining({ vmid: 100, name: "web", node: "pve1", status: "running" }),
        ]),
        unreachable_nodes: ["pve3"],
      });
    });
  },
);
