import { formatError, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { acl, secondFactors, users } from "../../src/proxmox/access.ts";
import { agentExecStatus } from "../../src/proxmox/agent.ts";
import type { Api } from "../../src/proxmox/api.ts";
import { notBackedUp } from "../../src/proxmox/backup.ts";
import { clusterFirewall, clusterStatus, haStatus } from "../../src/proxmox/cluster.ts";
import { guestConfig, guestLoad, guestSnapshots, guestStatus } from "../../src/proxmox/guest.ts";
import { listNodes, nodeCertificates, nodeStatus } from "../../src/proxmox/nodes.ts";
import { permissions } from "../../src/proxmox/permissions.ts";
import { clusterResources } from "../../src/proxmox/resources.ts";
import { storageContent } from "../../src/proxmox/storage.ts";
import { listTasks, taskLog, taskStatus } from "../../src/proxmox/tasks.ts";
import { version } from "../../src/proxmox/version.ts";
import { clientOf, SECRET, startHost } from "./host.ts";

interface Sent {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
}

const GUEST = { node: "pve1", vmid: 100 };
const VM = { ...GUEST, type: "qemu" } as const;
const TASK = { node: "pve1", upid: "UPID:x" };

const READERS: readonly ((api: Api) => Promise<unknown>)[] = [
  (api) => acl(api),
  (api) => agentExecStatus(api, { ...GUEST, pid: 1 }),
  (api) => clusterFirewall(api),
  (api) => clusterResources(api),
  (api) => clusterStatus(api),
  (api) => haStatus(api),
  (api) => listNodes(api),
  (api) => listTasks(api, GUEST),
  (api) => nodeCertificates(api, GUEST),
  (api) => nodeStatus(api, GUEST),
  (api) => notBackedUp(api),
  (api) => permissions(api),
  (api) => secondFactors(api),
  (api) => storageContent(api, { node: "pve1", storage: "local" }),
  (api) => taskLog(api, TASK),
  (api) => taskStatus(api, TASK),
  (api) => users(api),
  (api) => version(api),
  (api) => guestConfig(api, VM),
  (api) => guestLoad(api, { ...VM, timeframe: "hour" }),
  (api) => guestSnapshots(api, VM),
  (api) => guestStatus(api, VM),
];

const NAMES = [
  "type",
  "vmid",
  "node",
  "name",
  "status",
  "storage",
  "cpu",
  "upid",
  "n",
  "t",
  "userid",
];
const KINDS = ["qemu", "lxc", "node", "storage", "cluster", "pool", "running", "stopped"];

/** Like Proxmox's data, and unlike it wherever that may be. */
const nearly = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(null, 0, 1, "1", "", true, 100, "100", -1, 1e308, [], {}),
    fc.constantFrom<unknown>(...KINDS),
    fc.string(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...NAMES, "__proto__"), fc.string()), tie("value")),
  ),
})).value;

const envelope = fc
  .record({ data: nearly, message: nearly, errors: nearly }, { requiredKeys: [] })
  .map((value) => JSON.stringify(value));
const PAGE = "<html><head><title>502</title></head><body><script>x</script></body></html>";
const body = fc.oneof(
  envelope,
  fc.string({ unit: "binary" }),
  fc.json(),
  fc.constantFrom("", PAGE),
);
const answer = fc.record<Sent>({
  status: fc.oneof(
    fc.constantFrom(200, 400, 401, 403, 500, 501, 595),
    fc.integer({ min: 200, max: 599 }),
  ),
  reason: fc.stringMatching(/^[\x20-\x7e]{0,60}$/),
  body,
});

/** What a person or a program may be shown. */
function expectFit(error: unknown): void {
  expect(error).toBeInstanceOf(ProxmoxMcpError);
  if (!(error instanceof ProxmoxMcpError)) return;
  const line = formatError(error);
  expect(line).not.toMatch(/\p{Cc}|<script|<html/iu);
  expect(line).not.toContain(SECRET);
  expect(line.length).toBeLessThan(900);
  expect(error.hint).toBeTypeOf("string");
  expect(error.code).not.toBe("UNEXPECTED");
}

describe("whatever a host answers", () => {
  let sent: Sent;
  let api: Api;

  beforeEach(async () => {
    const host = await startHost((_, response) => {
      response.writeHead(sent.status, sent.reason).end(sent.body);
    });
    api = clientOf(host);
  });

  it("a call gives data, or fails in our own words", async () => {
    await fc.assert(
      fc.asyncProperty(answer, fc.constantFrom(...READERS), async (given, read) => {
        sent = given;
        await read(api).catch(expectFit);
      }),
      { numRuns: 500 },
    );
  });

  it("data of any shape is read, or is no answer of Proxmox", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(nearly, fc.array(nearly)), async (data) => {
        sent = { status: 200, reason: "OK", body: JSON.stringify({ data }) };
        for (const read of READERS) {
          await read(api).catch((error: unknown) => {
            expectFit(error);
            expect(error).toMatchObject({ code: "PROXMOX_ANSWER" });
          });
        }
      }),
      { numRuns: 60 },
    );
  });
});
