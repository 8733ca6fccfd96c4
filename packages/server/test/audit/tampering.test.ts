/** Whatever is done to a log without the key is found. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { AuditKey } from "../../src/audit/audit-key.ts";
import type { Verdict } from "../../src/audit/finding.ts";
import { createLineCutter } from "../../src/audit/read-lines.ts";
import { createVerifier } from "../../src/audit/verify.ts";
import { scratch } from "../scratch.ts";
import { KEY, KEYS, kindsOf, NEXT_KEY, openAudited, verify } from "./audited.ts";

/** Two processes, one after the other; a rotation of the key in the first one. */
function writeLog(file: string): void {
  const first = openAudited({ file });
  first.call();
  first.call({ effect: "read" });
  first.follow({ file, required: false, key: NEXT_KEY });
  first.call({ effect: "read" });
  first.stop();
  const second = openAudited({ file, key: NEXT_KEY });
  second.call({ effect: "destroy" });
  second.stop();
}

function judge(bytes: Uint8Array, wantsEnds = false): Verdict {
  const verifier = createVerifier({ keys: KEYS, wantsEnds });
  const cutter = createLineCutter("audit.log");
  for (const line of [...cutter.take(bytes), ...cutter.rest()]) verifier.take(line);
  return verifier.verdict(["audit.log"]);
}

let whole: Buffer;
let lines: readonly string[];

beforeAll(() => {
  const directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-audit-"));
  const file = join(directory, "audit.log");
  writeLog(file);
  whole = readFileSync(file);
  rmSync(directory, { recursive: true });
  lines = whole.toString("utf8").split(/(?<=\n)/);
});

const anyLine = () => fc.nat({ max: lines.length - 1 });

test("a log that nobody touched is whole", () => {
  expect(lines).toHaveLength(11);
  expect(judge(whole, true)).toMatchObject({ lines: 11, chains: 2, findings: [], notes: [] });
});

test("a line that was deleted", () => {
  for (const index of lines.keys()) {
    const { findings } = judge(Buffer.from(lines.toSpliced(index, 1).join("")), true);
    expect(findings, `line ${index + 1}`).not.toEqual([]);
  }
});

test("lines in a row that were deleted", () => {
  for (const [from] of lines.entries()) {
    for (let to = from + 1; to <= lines.length; to += 1) {
      if (to - from === lines.length) continue;
      const { findings } = judge(Buffer.from(lines.toSpliced(from, to - from).join("")), true);
      // What is left of two chains is one that is whole, and none that began after it.
      const isLater = from > 0 && to === lines.length && lines[from - 1]?.includes('"stop"');
      if (isLater) expect(findings).toEqual([]);
      else expect(findings, `${from} to ${to}`).not.toEqual([]);
    }
  }
});

test("two lines that were swapped", () => {
  fc.assert(
    fc.property(anyLine(), anyLine(), (one, other) => {
      fc.pre(one !== other);
      const swapped = lines.with(one, lines[other] ?? "").with(other, lines[one] ?? "");
      expect(judge(Buffer.from(swapped.join(""))).findings).not.toEqual([]);
    }),
  );
});

test("a line that stands there twice", () => {
  fc.assert(
    fc.property(anyLine(), anyLine(), (copied, place) => {
      const more = lines.toSpliced(place, 0, lines[copied] ?? "");
      expect(judge(Buffer.from(more.join(""))).findings).not.toEqual([]);
    }),
  );
});

test("any byte that was changed", () => {
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ by;
      expect(judge(changed, true).findings).not.toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test("bytes that were put in or taken out", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: whole.length - 1 }),
      fc.nat({ max: 3 }),
      fc.uint8Array({ minLength: 0, maxLength: 3 }),
      (at, taken, put) => {
        const changed = Buffer.concat([whole.subarray(0, at), put, whole.subarray(at + taken)]);
        fc.pre(!changed.equals(whole));
        expect(judge(changed, true).findings).not.toEqual([]);
      },
    ),
    { numRuns: 1000 },
  );
});

test("a log that was cut anywhere, and a clean cut is told as a chain without end", () => {
  const ends = new Set<number>([0]);
  for (const line of lines) ends.add(Math.max(...ends) + Buffer.byteLength(line));
  for (let length = 1; length < whole.length; length += 1) {
    const cut = whole.subarray(0, length);
    const { findings, notes } = judge(cut);
    if (!ends.has(length)) {
      expect(findings, `${length}`).not.toEqual([]);
      continue;
    }
    const isStopped = cut
      .toString("latin1")
      .trimEnd()
      .includes('"stop"', cut.lastIndexOf("\n", -2));
    expect(findings).toEqual([]);
    expect(notes.map(({ kind }) => kind)).toEqual(isStopped ? [] : ["open"]);
    expect(judge(cut, true).findings.map(({ kind }) => kind)).toEqual(isStopped ? [] : ["open"]);
  }
});

describe("what was done is told by kind and line", () => {
  const edited = (index: number, from: string | RegExp, to: string): string =>
    lines.with(index, (lines[index] ?? "").replace(from, to)).join("");

  test.each<[string, () => string, readonly string[]]>([
    ["an argument that was changed", () => edited(1, '"vmid":100', '"vmid":101'), ["changed 2"]],
    ["a mac that was changed", () => edited(1, /"mac":"./, '"mac":"_'), ["changed 2", "missing 3"]],
    ["a line that is gone", () => lines.toSpliced(2, 1).join(""), ["missing 3"]],
    ["a head that is gone", () => lines.slice(2).join(""), ["missing 1"]],
    ["a chain that is gone", () => lines.slice(8).join(""), ["missing 1"]],
    [
      "a line that was put in",
      () => lines.toSpliced(2, 0, (lines[1] ?? "").replace('"seq":1', '"seq":2')).join(""),
      ["forged 3"],
    ],
    [
      "a chain that was put in",
      () =>
        lines
          .toSpliced(8, 0, (lines[0] ?? "").replace(/"chain":"\w+"/, `"chain":"${"f".repeat(16)}"`))
          .join(""),
      ["forged 9"],
    ],
    [
      "two lines that were swapped",
      () =>
        lines
          .with(2, lines[3] ?? "")
          .with(3, lines[2] ?? "")
          .join(""),
      ["missing 3", "order 4"],
    ],
    ["a line twice", () => lines.toSpliced(2, 0, lines[1] ?? "").join(""), ["order 3"]],
    ["a text that is no line", () => lines.toSpliced(2, 0, "hello\n").join(""), ["foreign 3"]],
    ["half a line", () => `${lines.slice(0, 2).join("")}${lines[2]?.slice(0, 50)}`, ["torn 3"]],
    ["a line without its end", () => whole.toString("utf8").trimEnd(), ["torn 11"]],
    [
      "seals that were taken off",
      () => edited(1, /"mac":"\w+"/, '"mac":null'),
      ["unsealed 2", "missing 3"],
    ],
  ])("%s", (_, text, kinds) => {
    expect(kindsOf(judge(Buffer.from(text())))).toEqual(kinds);
  });
});

test("lines of a key that is not at hand are told once, and are no missing lines", () => {
  const file = join(scratch(), "audit.log");
  writeLog(file);
  const verdict = verify([file], { keys: new Map([[NEXT_KEY.id, NEXT_KEY]]) });
  expect(kindsOf(verdict)).toEqual(["key 1"]);
  expect(verdict.findings[0]?.message).toContain(KEY.id);
  expect(verdict.lines).toBe(6);
});

/** Lines of a chain of one's own under a key. */
function forge(key: AuditKey, after: string, ...events: readonly object[]): string {
  let prev: string | null = null;
  const all = [{ event: "start", after }, ...events, { event: "stop" }];
  return all
    .map((members, seq) => {
      const head = { v: 1, chain: "f".repeat(16), seq, time: "2026-01-31T12:00:00.000Z" };
      const body = JSON.stringify({ ...head, ...members, key: key.id, prev });
      prev = key.mac(Buffer.from(body));
      return `${body.slice(0, -1)},"mac":"${prev}"}\n`;
    })
    .join("");
}

describe("a chain that begins under a key that was replaced", () => {
  /** A log in which the key was replaced, and the last mac in it. */
  function rotated(): { file: string; last: string; text: string } {
    const file = join(scratch(), "audit.log");
    writeLog(file);
    const text = readFileSync(file, "utf8");
    return { file, text, last: JSON.parse(text.trimEnd().split("\n").at(-1) ?? "").mac };
  }
  const doubt = { kind: "key", line: 12, message: expect.stringContaining("replaced before") };

  test.each<[string, readonly object[]]>([
    ["as it is", [{ event: "end", tool: "delete_vm", outcome: "ok" }]],
    ["that puts its key back into force", [{ event: "key", next: KEY.id }]],
  ])("is told, and is a finding where all servers have ended: %s", (_, events) => {
    const { file, last, text } = rotated();
    writeFileSync(file, text + forge(KEY, last, ...events));
    expect(verify([file])).toMatchObject({ findings: [], notes: [doubt] });
    expect(verify([file], { wantsEnds: true })).toMatchObject({ findings: [doubt], notes: [] });
    openAudited({ file }).stop();
    expect(verify([file], { wantsEnds: true }).findings).toMatchObject([
      doubt,
      { ...doubt, line: 15 },
    ]);
  });

  test("is told of one that says it goes on from a file that was not given", () => {
    const { file, last, text } = rotated();
    const [, ...others] = forge(KEY, last, { event: "reopen", after: last }).split(/(?<=\n)/);
    writeFileSync(file, text + others.join(""));
    expect(verify([file], { wantsEnds: true }).findings).toMatchObject([doubt]);
  });

  test("is as it should be where the old key was taken back", () => {
    const file = join(scratch(), "audit.log");
    const first = openAudited({ file });
    first.follow({ file, required: false, key: NEXT_KEY });
    first.follow({ file, required: false, key: KEY });
    first.stop();
    openAudited({ file }).stop();
    expect(verify([file], { wantsEnds: true })).toMatchObject({ findings: [], notes: [] });
    openAudited({ file, key: NEXT_KEY }).stop();
    expect(kindsOf(verify([file], { wantsEnds: true }))).toEqual(["key 7"]);
  });

  test("is none where a second server had begun before, and takes the new key later", () => {
    const file = join(scratch(), "audit.log");
    const [first, second] = [openAudited({ file }), openAudited({ file })];
    first.follow({ file, required: false, key: NEXT_KEY });
    second.call();
    second.follow({ file, required: false, key: NEXT_KEY });
    first.call();
    second.stop();
    first.stop();
    expect(verify([file], { wantsEnds: true })).toMatchObject({ findings: [], notes: [] });
  });
});

test("who has an old key cannot write on in its name after a rotation", () => {
  const file = join(scratch(), "audit.log");
  const audit = openAudited({ file });
  audit.follow({ file, required: false, key: NEXT_KEY });
  const text = readFileSync(file, "utf8");
  const { chain, mac } = JSON.parse(text.split("\n")[1] ?? "");
  const head = { v: 1, chain, seq: 2, time: "2026-01-31T12:00:00.000Z", event: "stop" };
  const body = JSON.stringify({ ...head, key: KEY.id, prev: mac });
  const sealed = `${body.slice(0, -1)},"mac":"${KEY.mac(Buffer.from(body))}"}\n`;
  writeFileSync(file, text + sealed);
  expect(kindsOf(verify([file]))).toEqual(["key 3"]);
});
