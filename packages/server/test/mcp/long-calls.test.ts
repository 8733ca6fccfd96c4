import { expect, test } from "vitest";
import type { CallFacts, CallOutcome } from "../../src/mcp/call-record.ts";
import { ERAS, openSession } from "./session.ts";

const POLICY = {
  exec: { allow: ["sleep *"], shell: false, timeout: 60, max_output: 65_536 },
};
const CALL = {
  name: "execute_vm_command",
  arguments: { node: "pve1", vmid: 100, command: "sleep 1" },
};

test.each(ERAS)("%s: progress goes to a client that asked for it", async (era) => {
  const { client } = await openSession({ era, policy: POLICY });
  const seen: { progress: number; message?: string | undefined }[] = [];
  const result = await client.callTool(CALL, { onprogress: (step) => seen.push(step) });
  expect(result.isError).not.toBe(true);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.map(({ progress }) => progress)).toEqual(seen.map((_, index) => index + 1));
  expect(seen[0]?.message).toMatch(/^process \d+ has run for \d+ s$/);
});

test.each(ERAS)(
  "%s: without a token there is no progress, and the call ends as well",
  async (era) => {
    const { client, sent } = await openSession({ era, policy: POLICY });
    expect((await client.callTool(CALL)).isError).not.toBe(true);
    expect(sent.filter((message) => "method" in message)).toEqual([]);
  },
);

test.each(ERAS)(
  "%s: a call that the client gives up ends, and releases its deployment",
  async (era) => {
    const ended: [CallFacts, CallOutcome][] = [];
    const recorders = [{ ended: (...call: [CallFacts, CallOutcome]) => ended.push(call) }];
    const { client, held } = await openSession({ era, policy: POLICY, recorders });
    const control = new AbortController();
    const command = { ...CALL.arguments, command: "sleep 600" };
    const call = client.callTool(
      { ...CALL, arguments: command },
      { signal: control.signal, onprogress: () => control.abort() },
    );
    await expect(call).rejects.toThrow();
    await expect.poll(held, { timeout: 60_000 }).toBe(0);
    expect(ended).toMatchObject([[{ tool: "execute_vm_command" }, { outcome: "CANCELLED" }]]);
  },
);
