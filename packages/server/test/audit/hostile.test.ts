/** Lines that anybody who may append to a log can put there. No command falls over them. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { CSV_FORMAT, exportLines, JSON_FORMAT } from "../../src/audit/export.ts";
import { createLineCutter, type FileLine, LONGEST_LINE } from "../../src/audit/read-lines.ts";
import { renderLine } from "../../src/audit/render-line.ts";
import { renderVerdict, verdictJson } from "../../src/audit/render-verdict.ts";
import { createVerifier } from "../../src/audit/verify.ts";
import { scratch } from "../scratch.ts";
import { KEY, KEYS, MASTER, openAudited } from "./audited.ts";

const MEMBERS = "v chain seq time event after next key prev mac tool target arguments upids lost";
const binary = fileURLToPath(new URL("../../bin/proxmox-mcp-server.cjs", import.meta.url));

/** A log with a hostile line between its two, and what is true of it. */
function around(hostile: string): { file: string; key: string; text: string } {
  const directory = scratch();
  const [file, key] = [join(directory, "audit.log"), join(directory, "key")];
  openAudited({ file }).stop();
  const [start = "", stop = ""] = readFileSync(file, "utf8").split(/(?<=\n)/);
  const text = `${start}${hostile}\n${stop}`;
  writeFileSync(file, text);
  writeFileSync(key, `${MASTER.reveal()}\n`, { mode: 0o600 });
  return { file, key, text };
}

const head = `{"v":1,"chain":"${"0".repeat(16)}"`;
const end = (members: string) => `${head},${members},"mac":"${"a".repeat(64)}"}`;
const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
const long = `"target":"${"x".repeat(LONGEST_LINE)}"`;

const SHAPES: readonly (readonly [string, string])[] = [
  ["a chain that is no text", end('"chain":{"toString":null},"seq":0,"event":"end"')],
  ["a key that is no text", end('"seq":0,"event":"end","key":{"toString":null},"prev":null')],
  ["a number that is none", end('"seq":{"valueOf":null},"event":"end","key":null,"prev":null')],
  ["deep nesting", end(`"seq":0,"event":"end","target":${deep},"key":"${KEY.id}","prev":null`)],
  ["a line that is too long", end(`"seq":0,"event":"end",${long},"key":null,"prev":null`)],
  ["a prototype", end('"__proto__":{"chain":1},"constructor":{"prototype":[]},"toJSON":{}')],
];

describe.each(SHAPES)("%s", (_, hostile) => {
  test("is a finding, and verify, tail and export go on after it", () => {
    const { file, key } = around(hostile);
    const run = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [binary, "audit", ...args], {
        encoding: "utf8",
        maxBuffer: 1e8,
      });
      return { status, stdout, stderr };
    };
    const verified = run("verify", "--key-file", key, file);
    expect(verified).toMatchObject({ status: 7, stderr: "" });
    expect(verified.stdout).toBe(
      `${file}:2: foreign: the line is none of an audit log\n` +
        `1 finding: ${file}, 2 lines in 1 chain as they were written\n`,
    );
    const tailed = run("tail", file);
    expect(tailed).toMatchObject({ status: 0, stderr: "" });
    expect(tailed.stdout.split("\n")).toEqual([
      expect.stringMatching(/ start$/),
      expect.stringMatching(/^no line of an audit log: \{"v":1,/),
      expect.stringMatching(/ stop$/),
      "",
    ]);
    for (const format of ["json", "csv"]) {
      const exported = run("export", "--format", format, file);
      expect(exported).toMatchObject({
        status: 7,
        stderr: expect.stringMatching(/^1 line is none/),
      });
      expect(exported.stdout).toMatch(/start[\s\S]*stop/);
    }
  });
});

function linesOf(text: string): readonly FileLine[] {
  const cutter = createLineCutter("audit.log");
  return [...cutter.take(Buffer.from(text)), ...cutter.rest()];
}

const anyMember = fc.tuple(
  fc.constantFrom(...MEMBERS.split(" ")),
  fc.oneof(
    fc.jsonValue({ maxDepth: 6 }),
    fc.constantFrom({ toString: null }, { valueOf: null, toString: null }, { toJSON: 1 }, 1e308),
    fc.constantFrom(KEY.id, "0".repeat(16), "start", "key", "reopen", 0, 1, -1, null),
  ),
);
/** Members in any order, some twice, as text. */
const anyObject = fc
  .array(anyMember, { maxLength: 12 })
  .map((members) =>
    members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(","),
  );
const anyLine = fc.oneof(
  anyObject.map((members) => `{${members}}`),
  anyObject.map((members) => end(members === "" ? '"seq":0' : members)),
  anyObject.map((members) => `${head},${members},"mac":null}`),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc
    .tuple(fc.constantFrom(3, 16, 20_000), fc.boolean())
    .map(([depth, isClosed]) => "[".repeat(depth) + (isClosed ? "]".repeat(depth) : ""))
    .map((target) => end(`"seq":0,"event":"end","target":${target},"key":"${KEY.id}","prev":null`)),
  fc.string({ unit: "binary" }),
);

test("JSON of every shape hides no line that is true, and ends nothing", () => {
  const directory = scratch();
  const file = join(directory, "audit.log");
  openAudited({ file }).stop();
  const [start = "", stop = ""] = readFileSync(file, "utf8").split(/(?<=\n)/);
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 4 }), (hostile) => {
      const lines = linesOf(`${start}${hostile.map((line) => `${line}\n`).join("")}${stop}`);
      const verifier = createVerifier({ keys: KEYS, wantsEnds: true });
      for (const line of lines) verifier.take(line);
      const verdict = verifier.verdict(["audit.log"]);
      expect(verdict.lines).toBe(2);
      expect(verdict.findings.length > 0).toBe(hostile.length > 0);
      expect(JSON.parse(verdictJson(verdict, 7)).lines).toBe(2);
      expect(renderVerdict(verdict)).toContain("2 lines in 1 chain");
      const shown = lines.map(({ bytes }) => renderLine(bytes));
      expect(shown[0]).toMatch(/ start$/);
      expect(shown.at(-1)).toMatch(/ stop$/);
      for (const format of [JSON_FORMAT, CSV_FORMAT]) {
        let text = "";
        const strange = exportLines(lines, {}, format, (more) => {
          text += more;
        });
        expect(strange).toBeLessThanOrEqual(lines.length - 2);
        if (format === JSON_FORMAT) expect(JSON.parse(text)).toHaveLength(lines.length - strange);
        else expect(text).toContain(",stop,");
      }
    }),
    { numRuns: 1000 },
  );
});

test("very many forged lines are each told", () => {
  const forged = end(`"seq":0,"event":"end","key":"${KEY.id}","prev":null`);
  const verifier = createVerifier({ keys: KEYS, wantsEnds: false });
  const bytes = Buffer.from(forged);
  for (let number = 1; number <= 300_000; number += 1) {
    verifier.take({ file: "audit.log", number, bytes, isEnded: true });
  }
  expect(verifier.verdict(["audit.log"]).findings).toHaveLength(300_000);
});

describe.skipIf(process.platform === "win32")("a pipe", () => {
  test("is read by all three, as by a shell", () => {
    const { file, key } = around("hello");
    const piped = (args: string) =>
      spawnSync(
        "sh",
        [
          "-c",
          `cat "$1" | "$2" "$3" audit ${args} /dev/stdin`,
          "sh",
          file,
          process.execPath,
          binary,
        ],
        { encoding: "utf8", env: { ...process.env, KEY: key } },
      );
    expect(piped("tail -n 1")).toMatchObject({
      status: 0,
      stdout: "2026-01-31T12:00:00.000Z  stop\n",
    });
    expect(piped("tail -f").stdout.split("\n")).toHaveLength(4);
    expect(piped('verify --key-file "$KEY"').stdout).toContain("/dev/stdin:2: foreign: ");
    expect(JSON.parse(piped("export").stdout)).toHaveLength(2);
  });

  test("is followed line by line, and what a program hands over as standard input is one", async () => {
    const { text } = around("hello");
    const child = spawn(process.execPath, [binary, "audit", "tail", "-f", "/dev/stdin"]);
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const shown = createInterface(child.stdout)[Symbol.asyncIterator]();
    for (const line of text.split(/(?<=\n)/)) {
      child.stdin.write(line);
      expect((await shown.next()).value).toMatch(/start$|hello$|stop$/);
    }
    child.stdin.end();
    expect((await shown.next()).done).toBe(true);
  });
});
