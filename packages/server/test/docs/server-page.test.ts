/**
 * Parts of docs/server.md are made of the schema and of the tools. After a change of one:
 * `npx vitest run test/docs/server-page.test.ts --update`, and look at the difference.
 */
import { formatError } from "@proxmox-mcp/crypto";
import { asKnownError } from "@proxmox-mcp/crypto/internal";
import { expect, test } from "vitest";
import { allowedWords } from "../../src/guests/command-policy.ts";
import { TOOLS } from "../../src/tools/index.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { configReference } from "./config-reference.ts";
import { EXAMPLES, type Example, exampleOf, POLICY } from "./examples.ts";
import { expectParts, pageOf } from "./parts.ts";
import { toolReference } from "./tool-reference.ts";

const MAKER = "packages/server/test/docs/server-page.test.ts";

test("docs/server.md has every key of the config, and every tool with an example", async () => {
  await expectParts(pageOf("server.md"), MAKER, {
    config: configReference(),
    policy: `\`\`\`json\n${JSON.stringify({ policy: POLICY }, null, 2)}\n\`\`\``,
    result: await resultOf("get_cluster_status"),
    error: await failureOf("get_vm_status", { vmid: 999 }),
    tools: await toolReference(TOOLS),
  });
});

test("every tool has an example, and every example a tool", () => {
  expect(Object.keys(EXAMPLES)).toEqual(TOOLS.map(({ name }) => name));
});

// What the page says of patterns.
test.each<[string, string, boolean]>([
  ["cat /var/log/*", "cat /var/log/../../etc/shadow", false],
  ["cat /var/log/*", "cat /var/log/apt/history.log", true],
  ["systemctl status *", "systemctl status --host=elsewhere", false],
  ["systemctl status *", "systemctl status a b", false],
  ["df **", "df -h / /home", true],
  ["df **", "/usr/bin/df", false],
])("the pattern %s and the command %s", (pattern, command, isAllowed) => {
  const policy = { allow: [pattern], shell: false, timeout: 30, max_output: 65_536 };
  const ask = () => allowedWords(command, policy);
  if (isAllowed) expect(ask()).toEqual(command.split(" "));
  else expect(ask).toThrow("the policy does not allow this command");
});

async function resultOf(name: string): Promise<string> {
  const { result } = await exampleOf(toolOf(name));
  return `\`\`\`json\n${JSON.stringify(result, null, 2)}\n\`\`\``;
}

async function failureOf(name: string, args: Example["args"]): Promise<string> {
  const failure = await exampleOf(toolOf(name), args).then(
    () => undefined,
    (error: unknown) => formatError(asKnownError(error)),
  );
  return `\`\`\`text\n${failure}\n\`\`\``;
}

function toolOf(name: string): Tool {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`there is no tool ${name}`);
  return tool;
}
