/**
 * What docs/policy.md states of tools is what they are. After a change:
 * `npx vitest run test/docs/policy-page.test.ts --update`, and look at the difference.
 */
import type { PolicyMode } from "@proxmox-mcp/crypto/config";
import { expect, test } from "vitest";
import { TOOLS } from "../../src/tools/index.ts";
import type { Effect, Tool } from "../../src/tools/tool.ts";
import type { GivenPolicy } from "../config.ts";
import { API_KEY, openHttp } from "../http/http-session.ts";
import { expectParts, pageOf } from "./parts.ts";

const MAKER = "packages/server/test/docs/policy-page.test.ts";
const page = pageOf("policy.md");

const EFFECTS: Readonly<Record<Effect, string>> = {
  read: "reads",
  change: "changes",
  interrupt: "ends what runs",
  destroy: "removes",
  "run-command": "runs a command",
};

// Typed, so that a mode that is new has to be named here.
const MODES: Readonly<Record<PolicyMode, true>> = {
  none: true,
  "read-only": true,
  operate: true,
  full: true,
};

test("docs/policy.md has every tool", async () => {
  await expectParts(page, MAKER, { tools: table() });
});

test("it has every mode", () => {
  const table = /^\| `policy.mode` \|[\s\S]*?\n\n/m.exec(page.text)?.[0] ?? "";
  const modes = [...table.matchAll(/^\| `([\w-]+)`/gm)].map(([, mode]) => mode as PolicyMode);
  expect(modes).toEqual(Object.keys(MODES));
});

test("the examples of rules are rules, and do what the page says", async () => {
  const [single, clients] = [...page.text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(
    ([, text = ""]): GivenPolicy => JSON.parse(text).policy,
  );
  if (single === undefined || clients === undefined) throw new Error("the page has two examples");
  const listed = async (policy: GivenPolicy, key = API_KEY): Promise<readonly string[]> => {
    const api_keys = { example: API_KEY, "night-shift": `${API_KEY}-2`, admin: `${API_KEY}-3` };
    const server = await openHttp({ http: { api_keys }, policy });
    const client = await server.connect({ key });
    return (await client.listTools()).tools.map(({ name }) => name);
  };
  const reading = TOOLS.filter(({ mode }) => mode === "read-only").map(({ name }) => name);
  const upTo = (...modes: readonly string[]) =>
    TOOLS.filter(({ mode, effect }) => modes.includes(mode) && effect !== "run-command").map(
      ({ name }) => name,
    );
  expect(await listed(single)).toEqual([
    ...reading.filter((name) => name !== "get_task_log"),
    "start_vm",
    "shutdown_vm",
  ]);
  expect(await listed(clients)).toEqual(reading);
  expect(await listed(clients, `${API_KEY}-2`)).toEqual(upTo("read-only", "operate"));
  expect(await listed(clients, `${API_KEY}-3`)).toEqual(
    upTo("read-only", "operate", "full").filter((name) => !/^delete_(?:vm|container)$/.test(name)),
  );
});

function table(): string {
  const rows = TOOLS.map((tool) => {
    const { name, title, mode, effect, input } = tool;
    const needed = effect === "run-command" ? `\`${mode}\`, and \`policy.exec\`` : `\`${mode}\``;
    const dry = "dry_run" in input.shape ? "yes" : "";
    const confirm = wantsConfirm(tool) ? "yes" : "";
    const link = `[\`${name}\`](server.md#${name})`;
    return `| ${link} | ${title} | ${needed} | ${EFFECTS[effect]} | ${dry} | ${confirm} |`;
  });
  return `| tool | what it is | mode | effect | \`dry_run\` | \`confirm\` |
|---|---|---|---|---|---|
${rows.join("\n")}`;
}

function wantsConfirm({ input }: Tool): boolean {
  return "confirm" in input.shape;
}
