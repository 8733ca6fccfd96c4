import { createHmac } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { scratch } from "../scratch.ts";
import { KEY, MASTER, openAudited, recordsOf, verify } from "./audited.ts";

/** What docs/audit.md says, in a few lines of its own. */
function chained(
  file: string,
  master: Uint8Array,
): readonly (readonly [mac: string, same: boolean])[] {
  const key = createHmac("sha256", master).update("proxmox-mcp audit key v1").digest();
  let prev: string | null = null;
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { mac, prev: named } = JSON.parse(line);
      const signed = line.replace(`,"mac":"${mac}"}`, "}");
      const isSame = createHmac("sha256", key).update(signed).digest("hex") === mac;
      const follows = named === prev;
      prev = mac;
      return [mac, isSame && follows] as const;
    });
}

test("every line is sealed with the audit key and names the one before it", () => {
  const file = join(scratch(), "audit.log");
  const audit = openAudited({ file });
  audit.call();
  audit.call({ tool: "get_vms", effect: "read", arguments: { name: "Bücher ☃" } });
  audit.stop();
  const lines = chained(file, MASTER.bytes);
  expect(lines.map(([, same]) => same)).toEqual([true, true, true, true, true]);
  expect(chained(file, Buffer.alloc(32, 1)).map(([, same]) => same)).not.toContain(true);
  expect(verify([file])).toMatchObject({ lines: 5, chains: 1, findings: [], notes: [] });
});

test("a call that changes something has two lines, one that reads has one", () => {
  const file = join(scratch(), "audit.log");
  const audit = openAudited({ file });
  audit.call({}, { target: "qemu/100 web on pve1", upids: ["UPID:example"], duration: 1500 });
  audit.call({ tool: "get_vms", effect: "read", arguments: {} }, { outcome: "PROXMOX_TIMEOUT" });
  audit.stop();
  const records = recordsOf(file);
  const shape = records.map(({ seq, event, tool }) => [seq, event, tool].join(" ").trim());
  expect(shape).toEqual([
    "0 start",
    "1 begin start_vm",
    "2 end start_vm",
    "3 end get_vms",
    "4 stop",
  ]);
  const who = {
    id: "00112233aabbccdd",
    transport: "http",
    client: "ops",
    address: "192.0.2.1",
    tool: "start_vm",
    effect: "change",
  };
  const head = { v: 1, chain: expect.stringMatching(/^[0-9a-f]{16}$/), key: MASTER.id };
  const link = { prev: expect.stringMatching(/^[0-9a-f]{64}$/), mac: expect.any(String) };
  expect(records[0]).toEqual({
    ...head,
    ...link,
    seq: 0,
    time: "2026-01-31T12:00:00.000Z",
    event: "start",
    after: null,
    prev: null,
  });
  expect(records[1]).toEqual({
    ...head,
    ...who,
    ...link,
    seq: 1,
    time: "2026-01-31T12:00:00.000Z",
    event: "begin",
    arguments: { vmid: 100 },
  });
  expect(records[2]).toEqual({
    ...head,
    ...who,
    ...link,
    seq: 2,
    time: "2026-01-31T12:00:01.500Z",
    event: "end",
    target: "qemu/100 web on pve1",
    arguments: { vmid: 100 },
    outcome: "ok",
    duration_ms: 1500,
    upids: ["UPID:example"],
  });
  expect(records[3]).toMatchObject({ outcome: "PROXMOX_TIMEOUT", effect: "read", target: null });
});

test("members stand in one order, the mac last", () => {
  const file = join(scratch(), "audit.log");
  const audit = openAudited({ file });
  audit.call();
  const names = Object.keys(recordsOf(file)[2] ?? {});
  expect(names.join(" ")).toBe(
    "v chain seq time event id transport client address tool effect target arguments outcome " +
      "duration_ms upids key prev mac",
  );
});

test("a file is made for its owner alone", () => {
  const file = join(scratch(), "audit.log");
  openAudited({ file });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("without a key lines go to standard error and are not sealed", () => {
  const audit = openAudited({ key: undefined });
  audit.call({ effect: "read" });
  audit.stop();
  const records = audit.stderr.map((line) => JSON.parse(line));
  expect(records.map(({ event, seq, key, prev, mac }) => [event, seq, key, prev, mac])).toEqual([
    ["start", 0, null, null, null],
    ["end", 1, null, null, null],
    ["stop", 2, null, null, null],
  ]);
  for (const line of audit.stderr) expect(line).toMatch(/^\{[^\n]*\}\n$/);
});

test("what comes from others cannot break a line, hide in it or make it long", () => {
  const file = join(scratch(), "audit.log");
  const audit = openAudited({ file });
  const nasty = 'a\u001b[2J\r\n\u202e"}{"v":1,"chain":"0000000000000000",\u009b';
  audit.call(
    {
      arguments: {
        name: nasty,
        long: "x".repeat(100_000),
        list: Array.from({ length: 1000 }, (_, index) => index),
        deep: { a: { b: { c: { d: 1 } } } },
        odd: "\ud800",
      },
      caller: { transport: "http", key: nasty, address: nasty },
    },
    { target: nasty, upids: Array.from({ length: 500 }, () => nasty) },
  );
  audit.stop();
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(/^[\x20-\x7e…\n]*$/);
  expect(Math.max(...text.split("\n").map(({ length }) => length))).toBeLessThan(32 * 1024);
  expect(verify([file])).toMatchObject({ lines: 4, findings: [] });
  expect(recordsOf(file)[1]).toMatchObject({ arguments: { deep: { a: { b: null } } } });
});

test("a master key in an argument is made unreadable", () => {
  const file = join(scratch(), "audit.log");
  openAudited({ file }).call({ arguments: { name: `a ${MASTER.reveal()} b` } });
  expect(readFileSync(file, "utf8")).not.toContain(MASTER.reveal());
});

test("the audit key shows nothing of itself", () => {
  const derived = createHmac("sha256", MASTER.bytes).update("proxmox-mcp audit key v1").digest();
  const shown = `${inspect(KEY, { depth: 9, showHidden: true })}${JSON.stringify(KEY)}`;
  expect(shown).not.toContain(derived.toString("hex"));
  expect(shown).not.toContain(derived.toString("base64"));
});
