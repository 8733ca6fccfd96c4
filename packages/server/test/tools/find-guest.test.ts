import { SecretText } from "@proxmox-mcp/crypto/config";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findGuest, readGuest } from "../../src/guests/find-guest.ts";
import type { Api } from "../../src/proxmox/api.ts";
import { type Client, openClient } from "../../src/proxmox/client.ts";
import { CLUSTER_RESOURCES } from "../../src/proxmox/endpoints.ts";
import { guestStatus } from "../../src/proxmox/guest.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { clientOf } from "../proxmox/host.ts";

let simulator: Simulator;
let client: Client;

beforeAll(async () => {
  simulator = await startSimulator();
  const { host, port, fingerprint, user, tokenName, tokenValue } = simulator;
  client = openClient({
    target: { host, port },
    credentials: { user, tokenName, tokenValue: new SecretText(tokenValue) },
    tls: { fingerprint },
  });
});

afterAll(async () => {
  await client.destroy();
  await simulator.stop();
});

const { signal } = new AbortController();
const QUESTION = { type: "qemu", vmid: 100, signal } as const;

function guest() {
  const found = simulator.state.guests.get(100);
  if (found === undefined) throw new Error("the example has no VM 100");
  return found;
}

/** The API, where the guest moves right after it was looked for. */
function moving(...nodes: string[]): Api {
  return {
    async call(endpoint, request) {
      const data = await client.call(endpoint, request);
      const next = endpoint === (CLUSTER_RESOURCES as object) ? nodes.shift() : undefined;
      if (next !== undefined) guest().node = next;
      return data;
    },
  };
}

test("a guest that moves between the look and the call is looked for once more", async () => {
  guest().node = "pve1";
  const api = moving("pve2");
  const found = await readGuest(api, QUESTION, ({ node }) =>
    guestStatus(api, { ...QUESTION, node }),
  );
  expect(found.guest.node).toBe("pve2");
  expect(found.answer).toMatchObject({ name: "web", status: "running" });
});

test("one that keeps moving is a failure in our own words", async () => {
  guest().node = "pve1";
  const api = moving("pve2", "pve1");
  await expect(
    readGuest(api, QUESTION, ({ node }) => guestStatus(api, { ...QUESTION, node })),
  ).rejects.toMatchObject({ code: "GUEST_NOT_FOUND" });
});

test("a failure of a guest that stayed is told as it is", async () => {
  guest().node = "pve1";
  let calls = 0;
  const refused = readGuest(client, QUESTION, ({ node }) => {
    calls += 1;
    return guestStatus(client, { ...QUESTION, node: node === "pve1" ? "pve2" : node });
  });
  await expect(refused).rejects.toMatchObject({
    code: "GUEST_NOT_FOUND",
    message: "there is no guest 100 of this kind on node pve2",
  });
  expect(calls).toBe(1);
});

test("a guest that the token may not see is not there for it", async () => {
  const tokenValue = new SecretText("44444444-4444-4444-4444-444444444444");
  const bob = clientOf(simulator, {
    credentials: { user: "bob@pve", tokenName: "t1", tokenValue },
  });
  expect(await findGuest(bob, QUESTION)).toMatchObject({ vmid: 100 });
  await expect(findGuest(bob, { ...QUESTION, vmid: 101 })).rejects.toMatchObject({
    code: "GUEST_NOT_FOUND",
    hint: expect.stringContaining("VM.Audit on /vms/101"),
  });
});
