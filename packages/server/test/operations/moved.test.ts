/** A guest that has left its node between plan and call, and what has its id on another one. */
import { type ChannelListener, subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { CallFacts, CallOutcome } from "../../src/mcp/call-record.ts";
import type { Guest } from "../../src/simulator/state.ts";
import { type Operating, openOperating } from "./operate.ts";

const REQUESTS = "http.server.request.start";

/** Changes a guest at once, and once more as the first call arrives that changes something. */
function change(
  { simulator: { state } }: Operating,
  vmid: number,
  now: Partial<Guest>,
  then: Partial<Guest>,
): void {
  const put = (changes: Partial<Guest>): void => {
    const guest = state.guests.get(vmid);
    if (guest === undefined) throw new Error(`the example has no guest ${vmid}`);
    state.guests.set(vmid, { ...guest, ...changes });
  };
  put(now);
  const listener: ChannelListener = (message) => {
    const { request } = message as { readonly request: IncomingMessage };
    if (request.method === "GET") return;
    unsubscribe(REQUESTS, listener);
    put(then);
  };
  subscribe(REQUESTS, listener);
  onTestFinished(() => void unsubscribe(REQUESTS, listener));
}

const DELETE = ["delete_vm", { vmid: 108, confirm: "108" }] as const;
const ROLLBACK = [
  "rollback_snapshot",
  { vmid: 100, snapshot: "installed", confirm: "web" },
] as const;
const SNAPSHOT = ["create_snapshot", { vmid: 100, snapshot: "another" }] as const;
const CLONE = ["clone_vm", { vmid: 900, name: "copy" }] as const;

test.each<
  [string, readonly [string, Readonly<Record<string, unknown>>], Partial<Guest>, Partial<Guest>]
>([
  ["without a name as before", DELETE, { name: undefined }, { node: "pve2" }],
  ["of another name", DELETE, {}, { node: "pve2", name: "other" }],
  ["of the other type", SNAPSHOT, {}, { node: "pve2", kind: "lxc" }],
  ["of the other type than was agreed to", ROLLBACK, {}, { node: "pve2", kind: "lxc" }],
  ["that does not run any more", ROLLBACK, {}, { node: "pve2", startedAt: undefined }],
  ["that a clone would be made of", CLONE, {}, { node: "pve2", name: "other" }],
])("one %s is left alone", async (_, [name, args], now, then) => {
  const outcomes: CallOutcome[] = [];
  const recorder = { ended: (_: CallFacts, outcome: CallOutcome) => void outcomes.push(outcome) };
  const session = await openOperating({ recorders: [recorder] });
  change(session, Number(args["vmid"]), now, then);
  const { error } = await session.call(name, { ...args });
  expect(error).toMatchObject({
    code: "GUEST_NOT_FOUND",
    message: expect.stringMatching(
      / has left pve1, and .* on pve2 may be another guest .*; nothing/,
    ),
    hint: "look whether the one on pve2 is the one that is meant, then call again",
  });
  expect(outcomes).toMatchObject([{ target: expect.stringMatching(/^qemu\/.* on pve1$/) }]);
  expect(session.changes()).toHaveLength(1);
  expect(session.simulator.state.tasks.size).toBe(3);
});

test.each([DELETE, ROLLBACK, CLONE])(
  "%s: the same one is worked on where it is",
  async (...call) => {
    const [name, args] = call;
    const session = await openOperating();
    change(session, args.vmid, {}, { node: "pve2" });
    expect(await session.operate(name, { ...args })).toMatchObject({ done: true });
    expect(session.changes().map(({ path }) => path.split("/")[2])).toEqual(["pve1", "pve2"]);
  },
);
