/**
 * The MCP inspector, a client that others made, lists the tools and calls one. It comes from npm, and so
 * does the Node that it needs; without npm's registry there is nothing to run.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { TOOLS } from "../../src/tools/index.ts";
import { BINARY } from "../proofs/stdio-client.ts";
import { scratch } from "../serve/serving.ts";

const PACKAGES = ["node@22.23.3", "@modelcontextprotocol/inspector@2.12.0"];
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|E40[37]|E5\d\d)\b/;

// pnpm hands its settings on as npm's, and npm warns of each that it does not know.
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_config_|PROXMOX_MCP_|NODE_OPTIONS$)/.test(name),
  ),
);

function npx(
  call: string,
  cwd?: string,
): { status: number | null; stdout: string; stderr: string } {
  const packages = PACKAGES.flatMap((name) => ["--package", name]);
  const options = { encoding: "utf8", env, cwd, maxBuffer: 16 * 1024 ** 2 } as const;
  return spawnSync("npx", ["--yes", ...packages, "--call", call], options);
}

const { status, stdout: version, stderr } = npx("node --version");
const isSkipped = status !== 0 && UNREACHABLE.test(stderr);
const NOTICE = "npm's registry cannot be reached, so the inspector is not tried";
if (isSkipped) process.stderr.write(`${NOTICE}:\n${stderr}\n`);

/** What the inspector prints of a method's result. */
function inspect(parameters: string): { tools?: { name: string }[] } & Record<string, unknown> {
  const outcome = npx(`mcp-inspector --cli node '${BINARY}' --test-mode ${parameters}`, scratch());
  expect(outcome.status, outcome.stderr).toBe(0);
  return JSON.parse(outcome.stdout);
}

describe.skipIf(isSkipped)(
  `the MCP inspector${isSkipped ? " (skipped: no npm registry)" : ""}`,
  () => {
    test("comes with the Node that it needs", () => {
      expect(status, stderr).toBe(0);
      expect(version.trim()).toBe("v22.23.3");
    });

    test("lists the tools", () => {
      const { tools } = inspect("--method tools/list");
      // Without a policy no command may run.
      const names = TOOLS.map(({ name }) => name).filter((name) => name !== "execute_vm_command");
      expect(tools?.map(({ name }) => name)).toEqual(names);
    });

    test("calls get_vms", () => {
      const result = inspect("--method tools/call --tool-name get_vms --tool-arg status=running");
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
