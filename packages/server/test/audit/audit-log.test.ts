import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { openAuditFile } from "../../src/audit/audit-file.ts";
import { scratch } from "../scratch.ts";
import { KEY, kindsOf, NEXT_KEY, openAudited, recordsOf, START, verify } from "./audited.ts";

const events = (file: string) => recordsOf(file).map(({ event }) => event);

describe("rotation of the file", () => {
  test("the chain goes on in the new file, and both together are whole", () => {
    const file = join(scratch(), "audit.log");
    const audit = openAudited({ file });
    audit.call();
    renameSync(file, `${file}.1`);
    audit.call({ effect: "read" });
    audit.reopen();
    audit.call();
    audit.stop();
    expect(events(`${file}.1`)).toEqual(["start", "begin", "end", "end"]);
    expect(events(file)).toEqual(["reopen", "begin", "end", "stop"]);
    expect(recordsOf(file)[0]).toMatchObject({ seq: 4, after: null });
    const both = verify([`${file}.1`, file], { wantsEnds: true });
    expect(both).toMatchObject({ lines: 8, chains: 1, findings: [], notes: [] });
  });

  test("each file for itself is whole, and says that there is more", () => {
    const file = join(scratch(), "audit.log");
    const audit = openAudited({ file });
    renameSync(file, `${file}.1`);
    audit.reopen();
    audit.stop();
    expect(verify([`${file}.1`])).toMatchObject({
      findings: [],
      notes: [{ kind: "open", line: 1 }],
    });
    expect(verify([file])).toMatchObject({ findings: [], notes: [{ kind: "continued", line: 1 }] });
  });

  test("files in the wrong order are found, and one that is left out between two", () => {
    const file = join(scratch(), "audit.log");
    const audit = openAudited({ file });
    for (const number of [2, 1]) {
      audit.call();
      renameSync(file, `${file}.${number}`);
      audit.reopen();
    }
    audit.stop();
    const [first, second, last] = [`${file}.2`, `${file}.1`, file];
    expect(verify([first, second, last]).findings).toEqual([]);
    expect(kindsOf(verify([first, last]))).toEqual(["missing 1"]);
    expect(verify([second, first, last]).findings).not.toEqual([]);
  });

  test("where nothing was renamed the same file goes on", () => {
    const file = join(scratch(), "audit.log");
    const audit = openAudited({ file });
    audit.reopen();
    audit.stop();
    const [start, reopen] = recordsOf(file);
    expect(reopen).toMatchObject({ event: "reopen", after: start?.["mac"] });
    expect(verify([file]).findings).toEqual([]);
    // Its head cannot be taken away for that.
    writeFileSync(file, readFileSync(file, "utf8").split("\n").slice(1).join("\n"));
    expect(kindsOf(verify([file]))).toEqual(["missing 1"]);
  });

  test("a file that was removed is made again at the next record", () => {
    const file = join(scratch(), "audit.log");
    const audit = openAudited({ file });
    rmSync(file);
    audit.call();
    expect(events(file)).toEqual(["reopen", "begin", "end"]);
  });

  test("standard error is not opened anew", () => {
    const audit = openAudited({});
    audit.reopen();
    expect(audit.stderr).toHaveLength(1);
  });
});

describe("another config", () => {
  test("with another key is told under the old one, and the chain goes on", () => {
    const file = join(scratch(), "audit.log");
    const audit = openAudited({ file });
    audit.call();
    audit.follow({ file, required: false, key: NEXT_KEY });
    audit.call();
    audit.stop();
    const keys = recordsOf(file).map(({ event, key, next }) => [event, key, next]);
    expect(keys.slice(2)).toEqual([
      ["end", KEY.id, undefined],
      ["key", KEY.id, NEXT_KEY.id],
      ["begin", NEXT_KEY.id, undefined],
      ["end", NEXT_KEY.id, undefined],
      ["stop", NEXT_KEY.id, undefined],
    ]);
    expect(verify([file], { wantsEnds: true }).findings).toEqual([]);
  });

  test("with the same key and file changes nothing", () => {
    const file = join(scratch(), "audit.log");
    const audit = openAudited({ file });
    audit.follow({ file, required: true, key: { ...KEY } });
    expect(events(file)).toEqual(["start"]);
  });

  test("with another file goes on there, and from there to standard error", () => {
    const directory = scratch();
    const [one, two] = [join(directory, "one.log"), join(directory, "two.log")];
    const audit = openAudited({ file: one });
    audit.follow({ file: two, required: false, key: NEXT_KEY });
    audit.call();
    audit.follow({ file: null, required: false, key: NEXT_KEY });
    audit.stop();
    expect(events(one)).toEqual(["start", "key"]);
    expect(events(two)).toEqual(["reopen", "begin", "end"]);
    expect(audit.stderr.map((line) => JSON.parse(line).event)).toEqual(["reopen", "stop"]);
    expect(verify([one, two]).findings).toEqual([]);
  });
});

describe("what stands in the file already", () => {
  test("stays, and a second process names its last line", () => {
    const file = join(scratch(), "audit.log");
    openAudited({ file }).stop();
    const before = readFileSync(file, "utf8");
    openAudited({ file }).stop();
    expect(readFileSync(file, "utf8").startsWith(before)).toBe(true);
    const [, stop, start] = recordsOf(file);
    expect(start).toMatchObject({ seq: 0, after: stop?.["mac"], prev: null });
    expect(verify([file], { wantsEnds: true })).toMatchObject({ chains: 2, findings: [] });
  });

  test("a piece of a line gets its end first, and is named", () => {
    const file = join(scratch(), "audit.log");
    openAudited({ file }).stop();
    appendFileSync(file, '{"v":1,"chain":"00');
    openAudited({ file }).stop();
    expect(readFileSync(file, "utf8").split("\n")[2]).toBe('{"v":1,"chain":"00');
    expect(kindsOf(verify([file]))).toEqual(["torn 3"]);
    expect(verify([file]).lines).toBe(4);
  });

  test("a piece before which another process had no time to end the line costs no line", () => {
    const file = join(scratch(), "audit.log");
    const one = openAudited({ file });
    appendFileSync(file, '{"v":1,"chain":"0000000000000000","seq":7,"ti');
    one.call();
    expect(kindsOf(verify([file]))).toEqual(["torn 2"]);
    expect(verify([file]).lines).toBe(3);
  });

  test("two processes write into one file, and each chain is whole", () => {
    const file = join(scratch(), "audit.log");
    const [one, two] = [openAudited({ file }), openAudited({ file })];
    for (let call = 0; call < 20; call += 1) (call % 3 === 0 ? one : two).call();
    one.stop();
    two.call();
    two.stop();
    const verdict = verify([file], { wantsEnds: true });
    expect(verdict).toMatchObject({ lines: 46, chains: 2, findings: [] });
  });
});

describe("a file that can be no audit log", () => {
  const cases: readonly (readonly [string, RegExp, (file: string) => unknown])[] = [
    ["a symbolic link", /symbolic link/, (file) => symlinkSync("/dev/null", file)],
    [
      "a link to a log of its own",
      /symbolic link/,
      (file) => {
        openAudited({ file: `${file}.real` }).stop();
        symlinkSync(`${file}.real`, file);
      },
    ],
    ["a directory", /no regular file/, (file) => mkdirSync(file)],
    ["a pipe", /no regular file/, (file) => spawnSync("mkfifo", [file])],
    [
      "one with a second name",
      /more than one name/,
      (file) => {
        openAudited({ file }).stop();
        linkSync(file, `${file}.other`);
      },
    ],
    [
      "one that its group may write",
      /may be written by others \(mode 660\)/,
      (file) => {
        openAudited({ file }).stop();
        chmodSync(file, 0o660);
      },
    ],
    [
      "one that everybody may write",
      /mode 602/,
      (file) => {
        writeFileSync(file, "");
        chmodSync(file, 0o602);
      },
    ],
    ["a config", /holds something else/, (file) => writeFileSync(file, "{}\n", { mode: 0o600 })],
    [
      "another log",
      /holds something else/,
      (file) => writeFileSync(file, '{"time":1}\n', { mode: 0o600 }),
    ],
  ];

  test.each(cases)("is not opened: %s", (_, reason, prepare) => {
    const file = join(scratch(), "audit.log");
    prepare(file);
    expect(() => openAuditFile(file)).toThrow(reason);
    const audit = openAudited({ file, required: true });
    expect(audit.log).toMatchObject([
      ["error", "the audit log cannot be written", { code: "FILE_NOT_REGULAR", file }],
    ]);
    expect(audit.call()).toMatchObject({ code: "AUDIT_FAILED" });
  });

  test("an empty one can, and keeps its mode", () => {
    const file = join(scratch(), "audit.log");
    writeFileSync(file, "");
    chmodSync(file, 0o640);
    openAudited({ file }).stop();
    expect(events(file)).toEqual(["start", "stop"]);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });
});

describe("a place that takes no lines", () => {
  /** A file in a directory that is not there yet. */
  function nowhere() {
    const directory = join(scratch(), "later");
    return { file: join(directory, "audit.log"), repair: () => mkdirSync(directory) };
  }

  test("is told once, and again when it works; what had ended is written then", () => {
    const { file, repair } = nowhere();
    const audit = openAudited({ file });
    expect(audit.call()).toBeUndefined();
    audit.call({ effect: "read" });
    expect(audit.log).toEqual([
      [
        "error",
        "the audit log cannot be written",
        { code: "ENOENT", file, hint: expect.any(String) },
      ],
    ]);
    expect(new Set(audit.heard)).toEqual(new Set(["failed"]));
    repair();
    audit.call({ effect: "read" });
    expect(audit.log.slice(1)).toEqual([
      ["warn", "the audit log is written again", { failed_since: START }],
    ]);
    expect(audit.heard.at(-1)).toBe("works");
    audit.stop();
    expect(events(file)).toEqual(["start", "end", "end", "end", "stop"]);
    expect(verify([file], { wantsEnds: true }).findings).toEqual([]);
  });

  test("is not said to work again because the server ends, and what is lost then is told", () => {
    const { file } = nowhere();
    const audit = openAudited({ file });
    audit.call();
    audit.stop();
    audit.stop();
    expect(audit.log).toEqual([
      ["error", "the audit log cannot be written", expect.anything()],
      // start, end, stop
      ["error", "audit records were never written", { count: 3, file }],
    ]);
    expect(new Set(audit.heard)).toEqual(new Set(["failed"]));
  });

  test("with audit.required refuses what is no read, and lets reading go on", () => {
    const { file, repair } = nowhere();
    const audit = openAudited({ file, required: true });
    const effects = ["change", "interrupt", "destroy", "run-command"] as const;
    for (const effect of effects) {
      expect(audit.call({ effect })).toMatchObject({ code: "AUDIT_FAILED" });
    }
    expect(audit.call({ effect: "read" })).toBeUndefined();
    repair();
    expect(audit.call()).toBeUndefined();
    const told = recordsOf(file).map(({ event, outcome }) => [event, outcome].join(" ").trim());
    expect(told).toEqual([
      "start",
      ...effects.map(() => "end AUDIT_FAILED"),
      "end ok",
      "begin",
      "end ok",
    ]);
  });

  test("a refusal names no path, and says where to look", () => {
    const { file } = nowhere();
    const refusal = openAudited({ file, required: true }).call() as Error & { hint: string };
    expect(`${refusal.message} ${refusal.hint}`).not.toContain(file);
    expect(refusal.hint).toContain("the server's log");
  });

  test("keeps a thousand ends of calls, and counts those that it loses", () => {
    const { file, repair } = nowhere();
    const audit = openAudited({ file });
    for (let call = 0; call < 1003; call += 1) audit.call({ id: String(call), effect: "read" });
    repair();
    audit.call({ id: "last", effect: "read" });
    const [start, first, ...others] = recordsOf(file);
    expect(start).toMatchObject({ event: "start", lost: 4 });
    expect(first).toMatchObject({ id: "4" });
    expect(others.every((record) => !("lost" in record))).toBe(true);
    expect(others).toHaveLength(999);
    expect(verify([file])).toMatchObject({
      findings: [],
      notes: [
        { kind: "lost", line: 1, message: "4 calls before it have no line" },
        { kind: "open" },
      ],
    });
  });

  test("tells at the end of those too that it could not keep, and of a directory that went", () => {
    const { file, repair } = nowhere();
    repair();
    const audit = openAudited({ file });
    rmSync(dirname(file), { recursive: true });
    for (let call = 0; call < 1003; call += 1) audit.call({ id: String(call), effect: "read" });
    audit.stop();
    // reopen, the calls, stop
    expect(audit.log.at(-1)).toEqual([
      "error",
      "audit records were never written",
      { count: 1005, file },
    ]);
  });

  test("a new key and a new file wait for their turn", () => {
    const { file, repair } = nowhere();
    const audit = openAudited({ file });
    audit.call({ effect: "read" });
    audit.follow({ file, required: false, key: NEXT_KEY });
    audit.call({ effect: "read" });
    repair();
    audit.stop();
    const told = recordsOf(file).map(({ event, key }) => `${event} ${key}`);
    expect(told).toEqual([
      `start ${KEY.id}`,
      `end ${KEY.id}`,
      `key ${KEY.id}`,
      `end ${NEXT_KEY.id}`,
      `stop ${NEXT_KEY.id}`,
    ]);
    expect(verify([file], { wantsEnds: true }).findings).toEqual([]);
  });

  test("standard error that nobody reads is such a place", () => {
    let isRead = true;
    const lines: string[] = [];
    const audit = openAudited({ required: true }, (line) => {
      if (isRead) lines.push(line);
      return isRead;
    });
    isRead = false;
    expect(audit.call()).toMatchObject({ code: "AUDIT_FAILED" });
    isRead = true;
    expect(audit.call()).toBeUndefined();
    const told = lines.map((line) => JSON.parse(line));
    expect(told.map(({ event, seq }) => `${seq} ${event}`)).toEqual([
      "0 start",
      "1 end",
      "2 begin",
      "3 end",
    ]);
  });
});

test("after its end nothing is written any more", () => {
  const file = join(scratch(), "audit.log");
  const audit = openAudited({ file, required: true });
  audit.stop();
  audit.stop();
  audit.call();
  expect(events(file)).toEqual(["start", "stop"]);
});
