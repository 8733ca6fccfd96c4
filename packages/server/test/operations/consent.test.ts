/** What removes something for good: the confirmation, and the question to the person. */
import { expect, test } from "vitest";
import type { CallFacts, CallOutcome } from "../../src/mcp/call-record.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { ERAS, type Era } from "../mcp/session.ts";
import { CASES } from "./cases.ts";
import { type Operating, openOperating } from "./operate.ts";

const DESTRUCTIVE = TOOLS.filter(({ effect }) => effect === "destroy").map(({ name }) => name);

type Answer = "accept" | "decline" | "cancel";

/** A client whose person gives these answers, one after the other. */
async function openAsked(
  era: Era,
  answers: readonly (Answer | ((session: Operating) => Answer))[],
): Promise<{
  readonly session: Operating;
  readonly asked: readonly string[];
  readonly outcomes: readonly string[];
}> {
  const asked: string[] = [];
  const outcomes: string[] = [];
  const recorder = {
    ended: (_: CallFacts, { outcome }: CallOutcome) => void outcomes.push(outcome),
  };
  const session = await openOperating({
    era,
    recorders: [recorder],
    client: { capabilities: { elicitation: {} } },
  });
  session.client.setRequestHandler("elicitation/create", ({ params }) => {
    asked.push(params.message);
    const answer = answers[asked.length - 1] ?? "decline";
    const action = typeof answer === "string" ? answer : answer(session);
    return { action, ...(action === "accept" ? { content: {} } : {}) };
  });
  return { session, asked, outcomes };
}

test("what deletes or goes back wants to be confirmed", () => {
  const names = ["rollback_snapshot", "delete_snapshot", "delete_vm", "delete_container"];
  expect(DESTRUCTIVE).toEqual(names);
  const confirmed = TOOLS.filter(({ input }) => "confirm" in input.shape);
  expect(confirmed.map(({ name }) => name)).toEqual(names);
});

test("what can be put back is done without a question; clients are told what it ends", async () => {
  const others = Object.keys(CASES).filter((name) => !DESTRUCTIVE.includes(name));
  expect(others).toContain("stop_vm");
  for (const name of others) {
    const { session, asked } = await openAsked("2026-07-28", []);
    const { tools } = await session.client.listTools();
    const hints = tools.find((tool) => tool.name === name)?.annotations;
    const destructiveHint = /^(stop|shutdown|reboot)_/.test(name);
    expect([name, hints]).toMatchObject([name, { readOnlyHint: false, destructiveHint }]);
    expect(await session.operate(name, { ...CASES[name]?.args })).toMatchObject({ done: true });
    expect(asked).toEqual([]);
  }
});

test.each<[string, Record<string, unknown>, string]>([
  [
    "delete_vm",
    { vmid: 108, confirm: "108" },
    "Delete VM 108 (stopped) on pve1? It does not come back. Its disks and snapshots are removed with it; its backups stay.",
  ],
  [
    "delete_vm",
    { vmid: 108, confirm: "108", purge: true },
    "Delete VM 108 (stopped) on pve1? It does not come back. Its disks and snapshots are removed with it; its backups stay. Backup jobs, replication and high availability forget it.",
  ],
  [
    "delete_snapshot",
    { vmid: 100, snapshot: "installed", confirm: "web" },
    "Remove the snapshot installed of VM 100 (web) on pve1? Nobody can go back to this snapshot afterwards.",
  ],
  [
    "rollback_snapshot",
    { vmid: 100, snapshot: "installed", confirm: "web" },
    "Put VM 100 (web) on pve1 back to its snapshot installed? All that was written since the snapshot of TIME is lost. It runs now, and is stopped first.",
  ],
  [
    "rollback_snapshot",
    { vmid: 100, snapshot: "installed", confirm: "web", start: true },
    "Put VM 100 (web) on pve1 back to its snapshot installed? All that was written since the snapshot of TIME is lost. It runs now, and is stopped first. It is started afterwards.",
  ],
])("the question says all that is agreed to: %s %j", async (name, args, question) => {
  const { session, asked } = await openAsked("2026-07-28", ["decline"]);
  await session.refusal(name, args);
  expect(asked.map((text) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "TIME"))).toEqual([question]);
});

test.each(DESTRUCTIVE)("%s wants the guest's name or id, and says which", async (name) => {
  const { refusal } = await openOperating();
  const { confirm: _, ...args } = { ...CASES[name]?.args };
  const wanted = { delete_vm: "stopped or 108", delete_container: "stopped-container or 202" };
  const which = wanted[name as keyof typeof wanted] ?? "web or 100";
  for (const confirm of [undefined, null, "", "WEB", "all", " web", "101"]) {
    const error = await refusal(name, { ...args, confirm });
    expect(error.code).toBe("CONFIRMATION");
    expect(error.message).toMatch(/^confirm (?:is missing|is not that of this guest): for /);
    expect(error.message).toContain(`it has to be ${which}; nothing was changed`);
  }
});

test("a guest without a name is confirmed by its id", async () => {
  const { refusal, operate, simulator } = await openOperating();
  const guest = simulator.state.guests.get(104);
  if (guest !== undefined) guest.startedAt = undefined;
  const error = await refusal("delete_vm", { vmid: 104, confirm: "unnamed" });
  expect(error.message).toContain("for VM 104 on pve2 it has to be 104; nothing");
  expect(await operate("delete_vm", { vmid: 104, confirm: "104" })).toMatchObject({ done: true });
});

test("a name that looks like another id confirms nothing", async () => {
  const { refusal, simulator } = await openOperating();
  const guest = simulator.state.guests.get(108);
  if (guest !== undefined) simulator.state.guests.set(108, { ...guest, name: "900" });
  const error = await refusal("delete_vm", { vmid: 108, confirm: "900" });
  expect(error.message).toContain("it has to be 108; nothing was changed");
});

test("the name counts that Proxmox has now", async () => {
  const { refusal, operate, simulator } = await openOperating();
  const guest = simulator.state.guests.get(108);
  if (guest !== undefined) simulator.state.guests.set(108, { ...guest, name: "renamed" });
  const args = { vmid: 108 };
  expect((await refusal("delete_vm", { ...args, confirm: "stopped" })).code).toBe("CONFIRMATION");
  expect(await operate("delete_vm", { ...args, confirm: "renamed" })).toMatchObject({ done: true });
});

test.each(ERAS)("%s: the person is asked, and yes does it once", async (era) => {
  for (const name of DESTRUCTIVE) {
    const { session, asked, outcomes } = await openAsked(era, ["accept"]);
    const result = await session.operate(name, { ...CASES[name]?.args });
    expect(result.done).toBe(true);
    expect(asked).toEqual([expect.stringContaining(`${result.vmid} (${result.name}) on pve`)]);
    expect(session.changes()).toHaveLength(1);
    // The round that asks, and the one that does it.
    expect(outcomes).toEqual(["asked", "ok"]);
  }
});

test.each(
  ERAS.flatMap((era) => (["decline", "cancel"] as const).map((answer) => [era, answer] as const)),
)("%s: the person says no: %s", async (era, answer) => {
  const { session, asked } = await openAsked(era, [answer]);
  const error = await session.refusal("delete_vm", { vmid: 108, confirm: "108" });
  expect(error).toMatchObject({
    code: "CANCELLED",
    message: `the person at the client said no: ${answer}`,
    hint: expect.stringContaining("nothing was changed"),
  });
  expect(asked).toEqual([expect.stringMatching(/^Delete VM 108 \(stopped\) on pve1\? /)]);
  expect(session.held()).toBe(0);
});

test.each(ERAS)("%s: nobody is asked for a dry run or a wrong confirmation", async (era) => {
  const { session, asked } = await openAsked(era, []);
  await session.operate("delete_vm", { vmid: 108, dry_run: true });
  await session.refusal("delete_vm", { vmid: 108, confirm: "web" });
  await session.operate("start_vm", { vmid: 108 });
  expect(asked).toEqual([]);
});

test.each(ERAS)("%s: an answer does not count for another question", async (era) => {
  // Renamed while the person thinks: the name that was confirmed is another one now.
  const rename = ({ simulator }: Operating): Answer => {
    const guest = simulator.state.guests.get(108);
    if (guest !== undefined) simulator.state.guests.set(108, { ...guest, name: "other" });
    return "accept";
  };
  const { session, asked } = await openAsked(era, [rename, "decline"]);
  const error = await session.refusal("delete_vm", { vmid: 108, confirm: "108" });
  expect(error.code).toBe("CANCELLED");
  expect(asked).toEqual([
    expect.stringContaining("VM 108 (stopped)"),
    expect.stringContaining("VM 108 (other)"),
  ]);
  const confirmed = await openAsked(era, [rename]);
  expect(
    await confirmed.session.refusal("delete_vm", { vmid: 108, confirm: "stopped" }),
  ).toMatchObject({ code: "CONFIRMATION" });
});

test("an answer to another question that a client sends along counts for nothing", async () => {
  const { session } = await openAsked("2026-07-28", []);
  const { result } = await rounds(session, { vmid: 108, confirm: "108" }, {});
  const [key = ""] = Object.keys(result.inputRequests ?? {});
  expect(key).toMatch(/^approve-[0-9a-f]{64}$/);
  for (const [args, answers] of [
    [{ vmid: 102, confirm: "102" }, { [key]: { action: "accept", content: {} } }],
    [{ vmid: 108, confirm: "108" }, { approve: { action: "accept", content: {} } }],
    [{ vmid: 108, confirm: "108", purge: true }, { [key]: { action: "accept", content: {} } }],
    [{ vmid: 108, confirm: "108" }, { [key]: { roots: [] } }],
  ] as const) {
    const again = await rounds(session, args, answers);
    expect(again.result.resultType).toBe("input_required");
  }
  expect(session.changes()).toEqual([]);
  const yes = { [key]: { action: "accept", content: {} } };
  await rounds(session, { confirm: "108", vmid: 108 }, yes);
  expect(session.changes()).toHaveLength(1);
});

interface Round {
  readonly resultType?: string;
  readonly inputRequests?: Readonly<Record<string, unknown>>;
}

/** One round of delete_vm as a client of one's own making sends it. */
async function rounds(
  { client }: Operating,
  args: object,
  inputResponses: object,
): Promise<{ readonly result: Round }> {
  const params = { name: "delete_vm", arguments: { ...args }, inputResponses };
  const options = { allowInputRequired: true };
  return {
    result: (await client.request(
      { method: "tools/call", params } as never,
      options as never,
    )) as Round,
  };
}

test.each(ERAS)(
  "%s: a client that opens pages alone is not asked, confirm is all there is",
  async (era) => {
    const { operate } = await openOperating({
      era,
      client: { capabilities: { elicitation: { url: {} } } },
    });
    expect(await operate("delete_vm", { vmid: 108, confirm: "108" })).toMatchObject({ done: true });
  },
);
