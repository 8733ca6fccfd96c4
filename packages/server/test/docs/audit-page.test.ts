/**
 * What docs/audit.md states is what the server writes, and enough to verify it by. After a change:
 * `npx vitest run test/docs/audit-page.test.ts --update`, and look at the difference.
 */
import { createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseKeyText } from "@proxmox-mcp/crypto";
import { expect, test } from "vitest";
import { deriveAuditKey } from "../../src/audit/audit-key.ts";
import { openAuditLog } from "../../src/audit/audit-log.ts";
import type { FindingKind } from "../../src/audit/finding.ts";
import type { AuditEvent } from "../../src/audit/line.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { callFacts, kindsOf, verify } from "../audit/audited.ts";
import { scratch } from "../scratch.ts";
import { codes, expectParts, pageOf } from "./parts.ts";

const MAKER = "packages/server/test/docs/audit-page.test.ts";
const page = pageOf("audit.md");
const KEY_TEXT = /master key is `([^`]+)`/.exec(pageOf("token-format.md").text)?.[1] ?? "";

// Typed, so that one that is new has to be named here.
const FINDINGS: Readonly<Record<FindingKind, true>> = {
  changed: true,
  forged: true,
  missing: true,
  order: true,
  torn: true,
  foreign: true,
  key: true,
  unsealed: true,
  open: true,
  continued: true,
  lost: true,
};
const EVENTS: Readonly<Record<AuditEvent, true>> = {
  start: true,
  begin: true,
  end: true,
  key: true,
  reopen: true,
  stop: true,
};

test("docs/audit.md has the arguments of every tool, and a chain", async () => {
  await expectParts(page, MAKER, { arguments: argumentsTable(), vector: vector() });
});

test("it has every finding and every event", () => {
  const found = [...section("### verify").matchAll(/^\| `(\w+)` \|/gm)].map(([, kind]) => kind);
  expect(found).toEqual(Object.keys(FINDINGS));
  const [, events = ""] = /^\| `event` \| all \| (.*) \|$/m.exec(page.text) ?? [];
  expect([...events.matchAll(/`(\w+)`/g)].map(([, event]) => event)).toEqual(Object.keys(EVENTS));
});

test("it has every member of the lines of its example, and in which events", () => {
  const rows = [...section("### A line").matchAll(/^\| (`[^|]+) \| ([^|]+) \|/gm)];
  const eventsOf = new Map(
    rows.flatMap(([, names = "", events = ""]) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name = ""]) => [name, events] as const),
    ),
  );
  for (const line of linesOnPage()) {
    const record = JSON.parse(line) as Record<string, unknown>;
    const expected = [...eventsOf].flatMap(([name, events]) => {
      const isThere = events === "all" || events.includes(`\`${record["event"]}\``);
      return isThere ? [name] : [];
    });
    expect(Object.keys(record).sort(), line).toEqual(expected.sort());
  }
});

// By the words of the page alone: nothing of ours but the key's text and id.
test("its specification verifies its example, and finds a change of any line", () => {
  const lines = linesOnPage();
  expect(lines.length).toBeGreaterThan(4);
  expect(problemIn(lines)).toBeUndefined();
  for (const index of lines.keys()) {
    const changed = lines.map((line, at) =>
      at === index ? line.replace('"time":"2026', '"time":"2025') : line,
    );
    expect(problemIn(changed)).toBe(`${index}: mac`);
    const cut = lines.filter((_, at) => at !== index);
    if (index < lines.length - 1) expect(problemIn(cut), String(index)).toBeDefined();
  }
});

test("our verification agrees", () => {
  const file = join(scratch(), "audit.log");
  writeFileSync(
    file,
    linesOnPage()
      .map((line) => `${line}\n`)
      .join(""),
  );
  const key = auditKey();
  const verdict = verify([file], { keys: new Map([[key.id, key]]), wantsEnds: true });
  expect(kindsOf(verdict)).toEqual([]);
  expect(verdict.lines).toBe(linesOnPage().length);
});

/** The chain as the page says it has to be, for one chain in one file under one key. */
function problemIn(lines: readonly string[]): string | undefined {
  const master = Buffer.from(KEY_TEXT, "base64url");
  const auditKeyBytes = createHmac("sha256", master).update("proxmox-mcp audit key v1").digest();
  let before: Record<string, unknown> | undefined;
  for (const [index, line] of lines.entries()) {
    const body = line.slice(0, line.lastIndexOf(',"mac":'));
    const mac = createHmac("sha256", auditKeyBytes).update(`${body}}`, "utf8").digest("hex");
    if (!line.endsWith(`,"mac":"${mac}"}`)) return `${index}: mac`;
    const record = JSON.parse(line) as Record<string, unknown>;
    if (record["seq"] !== index) return `${index}: seq`;
    if (record["prev"] !== (before?.["mac"] ?? null)) return `${index}: prev`;
    if ((record["event"] === "start") !== (index === 0)) return `${index}: event`;
    if (before?.["event"] === "stop") return `${index}: stop`;
    before = record;
  }
  return undefined;
}

function linesOnPage(): readonly string[] {
  const vectorPart = section("### Worked example");
  return vectorPart.split("\n").filter((line) => line.startsWith('{"v":1,'));
}

function auditKey() {
  const key = deriveAuditKey(parseKeyText(KEY_TEXT).active);
  if (key === undefined) throw new Error("this key has no id");
  return key;
}

/** A chain with a clock and a chance of its own. */
function vector(): string {
  const file = join(scratch(), "audit.log");
  const key = auditKey();
  let seconds = 0;
  const now = () => {
    seconds += 1;
    return new Date(Date.UTC(2026, 0, 31, 12, 0, seconds));
  };
  const log = openAuditLog({
    settings: { file, required: false, key },
    offer: () => false,
    log: () => {},
    now,
    random: (size) => Buffer.alloc(size, 0xc4),
  });
  const reading = callFacts({ time: now(), tool: "get_vms", effect: "read", arguments: {} });
  log.recorder.ended(reading, { outcome: "ok", duration: 25, target: undefined, upids: [] });
  const changing = callFacts({ id: "44556677eeff0011", time: now(), arguments: { vmid: 108 } });
  log.recorder.begins?.(changing);
  const upid = "UPID:pve1:00001001:00064064:6B02D940:qmstart:108:mcp@pve!example:";
  const target = "qemu/108 Größe on pve1";
  log.recorder.ended(changing, { outcome: "ok", duration: 700, target, upids: [upid] });
  log.stop();
  const master = Buffer.from(KEY_TEXT, "base64url");
  const derived = createHmac("sha256", master).update("proxmox-mcp audit key v1").digest("hex");
  return `\`\`\`text
master key bytes  ${master.toString("hex")}
audit key         ${derived}
\`\`\`

\`\`\`text
${readFileSync(file, "utf8").trim()}
\`\`\``;
}

function argumentsTable(): string {
  const rows = TOOLS.filter(({ input }) => Object.keys(input.shape).length > 0).map(
    ({ name, input, recorded }) => {
      const others = Object.keys(input.shape).filter((argument) => !recorded.includes(argument));
      return `| \`${name}\` | ${codes(recorded)} | ${codes(others)} |`;
    },
  );
  return `| tool | recorded | left out |\n|---|---|---|\n${rows.join("\n")}`;
}

/** The text below a heading, up to the next one of the same depth or above. */
function section(heading: string): string {
  const depth = heading.indexOf(" ");
  const [, after = ""] = page.text.split(`\n${heading}\n`);
  return after.split(new RegExp(`^#{1,${depth}} `, "m"))[0] ?? "";
}
