/** What reaches Proxmox is what docs/api-calls.md lists: method, path and parameters. */
import { SecretText } from "@proxmox-mcp/crypto/config";
import { expect, onTestFinished, test } from "vitest";
import { examineHost } from "../../src/health/online/examine-host.ts";
import { openClient } from "../../src/proxmox/client.ts";
import type { Endpoint } from "../../src/proxmox/endpoint.ts";
import * as endpoints from "../../src/proxmox/endpoints.ts";
import { listNodes } from "../../src/proxmox/nodes.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { openSession } from "../mcp/session.ts";
import { CASES } from "../operations/cases.ts";
import { EXAMPLES, POLICY } from "./examples.ts";
import { pageOf } from "./parts.ts";
import { type SeenRequest, templateOf, watchRequests } from "./requests.ts";

const ENDPOINTS: readonly Endpoint[] = Object.values(endpoints);

/** Calls beside the examples, for what those leave out. */
const MORE: readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>])[] = [
  ["list_storage_content", { node: "pve1", storage: "local", content: "iso", vmid: 100 }],
  ["diagnose_vm_issues", { vmid: 100 }],
  ["diagnose_vm_issues", { vmid: 200 }],
];

const NOTES = { description: "example", pool: "example" };
const PLACE = { target_node: "pve1", pool: "example" };

/** Calls that change something, each row on a cluster of its own. */
const CHANGES: readonly (typeof MORE)[] = [
  ...Object.entries(CASES).map(([name, { args }]) => [[name, args] as const]),
  [
    ["create_snapshot", { vmid: 100, snapshot: "warm", description: "example", with_memory: true }],
    ["rollback_snapshot", { vmid: 100, snapshot: "warm", start: true, confirm: "web" }],
  ],
  [
    ["create_snapshot", { vmid: 200, snapshot: "kept" }],
    ["rollback_snapshot", { vmid: 200, snapshot: "kept", start: true, confirm: "dns" }],
    ["delete_snapshot", { vmid: 200, snapshot: "kept", confirm: "dns" }],
  ],
  [["clone_vm", { vmid: 100, snapshot: "installed", storage: "local-lvm", ...PLACE }]],
  [["create_vm", { ...CASES["create_vm"]?.args, description: "example", pool: "example" }]],
  [
    [
      "create_container",
      { ...CASES["create_container"]?.args, ...NOTES, vlan: 42, start_at_boot: true },
    ],
  ],
  [["delete_vm", { vmid: 108, confirm: "108", purge: true }]],
];

test("docs/api-calls.md lists every request, and no other", async () => {
  const requests = watchRequests();
  const { call, simulator } = await openSession({ policy: POLICY });
  const [upid] = simulator.state.tasks.keys();
  const reading = TOOLS.filter(
    ({ mode, effect }) => mode === "read-only" || effect === "run-command",
  );
  const calls = [...reading.map(({ name }) => [name, EXAMPLES[name] ?? {}] as const), ...MORE];
  for (const [name, args] of calls) {
    const outcome = await call(name, "upid" in args ? { ...args, upid } : args);
    expect(outcome.isError, outcome.text).toBe(false);
  }
  for (const changes of CHANGES) {
    const operating = await openSession({
      policy: { mode: "full" },
      simulator: { delays: { task: 0 } },
    });
    for (const [name, args] of changes) {
      const outcome = await operating.call(name, args);
      expect(outcome.isError, outcome.text).toBe(false);
    }
  }
  await examineHost({ config: undefined, ca: undefined, isThorough: true, testMode: true });
  await logIn();

  expect(rowsOf(requests())).toEqual(listed());
});

/** The parameters of every call that was seen, by method and path. */
function rowsOf(seen: readonly SeenRequest[]): Readonly<Record<string, readonly string[]>> {
  const rows = new Map<string, Set<string>>();
  for (const { method, path, parameters } of seen) {
    const row = `${method} ${templateOf(ENDPOINTS, method, path) ?? `${path}, which is no endpoint`}`;
    rows.set(row, new Set([...(rows.get(row) ?? []), ...parameters]));
  }
  return Object.fromEntries([...rows].map(([row, names]) => [row, [...names].sort()]));
}

/** The parameters of each row of the page. */
function listed(): Readonly<Record<string, readonly string[]>> {
  const rows = pageOf("api-calls.md").text.matchAll(
    /^\| (GET|POST|PUT|DELETE) \| `([^`]+)` \| ([^|]*)\|/gm,
  );
  return Object.fromEntries(
    [...rows].map(([, method, path, parameters = ""]) => [
      `${method} ${path}`,
      [...parameters.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name).sort(),
    ]),
  );
}

async function logIn(): Promise<void> {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.stop());
  const { host, port, fingerprint } = simulator;
  const api = openClient({
    target: { host, port },
    credentials: { user: "mcp@pve", password: new SecretText("example-password") },
    tls: { fingerprint },
  });
  onTestFinished(() => api.close());
  await listNodes(api);
}
