/**
 * docs/api-calls.md is made of the endpoints and of the tools. After a change of one:
 * `npx vitest run test/docs/api-calls.test.ts --update`, and look at the difference.
 */
import { expect, test } from "vitest";
import type { Endpoint } from "../../src/proxmox/endpoint.ts";
import * as endpoints from "../../src/proxmox/endpoints.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { cell, codes, expectParts, pageOf } from "./parts.ts";
import { needText } from "./privileges.ts";
import { templateOf } from "./requests.ts";

const MAKER = "packages/server/test/docs/api-calls.test.ts";
const ENDPOINTS: readonly Endpoint[] = Object.values(endpoints);

const CONNECTION_TEST = "`test-connection`, `--test --online`";

/** Who calls endpoints beside the tools. */
const OTHERS: ReadonlyMap<Endpoint, string> = new Map<Endpoint, string>([
  [endpoints.VERSION, CONNECTION_TEST],
  [endpoints.PERMISSIONS, CONNECTION_TEST],
  [endpoints.CLUSTER_RESOURCES, CONNECTION_TEST],
  [endpoints.TICKET, "login with a password"],
]);

test("docs/api-calls.md has every endpoint", async () => {
  await expectParts(pageOf("api-calls.md"), MAKER, { calls: table() });
});

test("every endpoint has somebody who calls it, and its request is told from all others", () => {
  const called = new Set([...TOOLS.flatMap(({ calls }) => calls), ...OTHERS.keys()]);
  expect(new Set(ENDPOINTS)).toEqual(called);
  for (const { method, path } of ENDPOINTS) {
    expect(templateOf(ENDPOINTS, method, path.replaceAll(/[{}]/g, ""))).toBe(path);
  }
});

function table(): string {
  const rows = ENDPOINTS.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(
    (endpoint) =>
      `| ${endpoint.method} | \`${endpoint.path}\` | ${codes(endpoint.parameters)} | ${cell(privileges(endpoint))} | ${callers(endpoint)} |`,
  );
  return `| method | path | parameters | privileges | called by |
|---|---|---|---|---|
${rows.join("\n")}`;
}

function privileges({ needs, filtered }: Endpoint): string {
  if (needs.length > 0) return needs.map(needText).join(", ");
  return filtered ? "less is seen" : "none";
}

function callers(endpoint: Endpoint): string {
  const tools = TOOLS.filter(({ calls }) => calls.includes(endpoint)).map(({ name }) => name);
  return [codes(tools), OTHERS.get(endpoint) ?? ""].filter((text) => text !== "").join(", ");
}
