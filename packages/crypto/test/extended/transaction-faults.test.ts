/**
 * Stops a transaction and its recovery at every system call that changes the disk, lets each of these
 * calls fail, and checks that all files are old or all are new. Needs Linux and Debian's strace.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { hasRecord } from "../../src/files/index.ts";
import { hashBytes } from "../../src/files/read.ts";
import { recover } from "../files/commit.ts";
import { type Job, texts, useChild, useDirectory } from "../files/harness.ts";
import { leaveOpen, type OpenFile } from "../files/open-transaction.ts";
import { numbered, runWithFaults, traceable } from "./faults.ts";

const directory = useDirectory();
const child = useChild();
const run = (job: Job, ...faults: string[]) => runWithFaults(child, job, ...faults);

const NAMES = ["a/one", "a/two", "b/three"];
const OLD = Object.fromEntries(NAMES.map((name) => [name, `old ${name}`]));
const NEW = Object.fromEntries([...NAMES, "b/four"].map((name) => [name, `new ${name}`]));

function at(name: string): string {
  return join(directory(), name);
}

function clear(): void {
  for (const name of ["a", "b"]) rmSync(at(name), { recursive: true, force: true });
}

/** A fresh set of files, and the job that gives them their new texts. */
function committing(): Job {
  clear();
  const changes = NAMES.map((name) => {
    const target = at(name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, `old ${name}`);
    const before = hashBytes(Buffer.from(`old ${name}`));
    return { target, before, text: `new ${name}`, backup: name !== "a/two" };
  });
  const four = { target: at("b/four"), text: "new b/four", backup: true };
  return { do: "commit", changes: [...changes, four] };
}

/** Whether all files are new, or all are old; backups apart. */
function standing(): "old" | "new" | Record<string, string> {
  const found = texts(directory());
  const kept = Object.fromEntries(
    Object.entries(found).filter(([name]) => !name.includes(".backup.")),
  );
  if (JSON.stringify(kept) === JSON.stringify(OLD)) return "old";
  const isNew = Object.keys(NEW).every((name) => kept[name] === NEW[name]);
  const backups = Object.entries(found).filter(([name]) => name.includes(".backup."));
  const isKept = backups.map(([, text]) => text).join() === "old a/one,old b/three";
  return isNew && isKept && Object.keys(kept).length === 4 ? "new" : found;
}

/** How often a transaction flushes something before home's record says `commit`. */
function fsyncsBeforeCommit(): number {
  const { calls } = run(committing());
  // After the records of both directories it is the third to take its name.
  const renames = calls.flatMap((call, index) => (call === "rename" ? [index] : []));
  return calls.slice(0, renames[2]).filter((call) => call === "fsync").length;
}

/** Every file is wholly old or wholly new, whatever else is there. */
function expectWhole(label: string): void {
  const found = texts(directory());
  for (const name of NAMES) {
    expect([`old ${name}`, `new ${name}`], `${name} ${label}`).toContain(found[name]);
  }
  expect([undefined, "new b/four"], label).toContain(found["b/four"]);
}

/** Recovers from one directory first, and then from all. */
async function recoverAll(from: string): Promise<void> {
  await recover([at(from)]);
  await recover([at("a"), at("b")]);
  for (const name of ["a", "b"]) expect(hasRecord(at(name))).toBe(false);
}

describe.runIf(traceable)("a transaction", () => {
  it("that is killed at any call ends with all files old or all new", async () => {
    const { answer, calls } = run(committing());
    expect(answer?.ok).toBe(true);
    expect(standing()).toBe("new");
    const ends = new Set<unknown>();
    for (const [index, [call, when]] of numbered(calls).entries()) {
      run(committing(), `${call}:signal=KILL:when=${when}`);
      const label = `killed at ${call} ${when}`;
      expectWhole(label);
      await recoverAll(index % 2 === 0 ? "a" : "b");
      const end = standing();
      expect(["old", "new"], label).toContain(end);
      ends.add(end);
    }
    expect([...ends]).toEqual(["old", "new"]);
  });

  it("whose calls fail says what is on the disk, and ends with all files old or all new", async () => {
    const { calls } = run(committing());
    const codes = new Set<unknown>();
    for (const [index, [call, when]] of numbered(calls).entries()) {
      const { answer } = run(committing(), `${call}:error=EIO:when=${when}`);
      const label = `EIO at ${call} ${when}: ${JSON.stringify(answer)}`;
      expectWhole(label);
      codes.add(answer?.code);
      if (answer?.ok) {
        expect(standing(), label).toBe("new");
      } else if (answer?.code === "WRITE_FAILED") {
        expect(answer.message, label).toContain("nothing was changed");
        if (call !== "unlink") expect(standing(), label).toBe("old");
      } else {
        expect(answer?.code, label).toBe("NOT_CLOSED");
        if (answer?.message?.includes("nothing was changed")) {
          expect(standing(), label).toBe("old");
        }
      }
      await recoverAll(index % 2 === 0 ? "a" : "b");
      expect(["old", "new"], label).toContain(standing());
    }
    expect([...codes].sort()).toEqual(["NOT_CLOSED", "WRITE_FAILED", undefined]);
  });

  it("whose commit point cannot be written and cannot be taken back waits for the next run", async () => {
    const before = fsyncsBeforeCommit();
    // The name of the commit point is there, and the disk gives nothing from then on.
    const { answer } = run(committing(), `fsync:error=EIO:when=${before + 1}+`);
    expect(answer?.code).toBe("NOT_CLOSED");
    expect(answer?.message).toContain("nor undo the run");
    expectWhole("commit point");
    await recoverAll("b");
    expect(standing()).toBe("new");
  });

  it("that fails at its commit point goes back", async () => {
    const before = fsyncsBeforeCommit();
    for (const fault of ["rename:error=EIO:when=3", `fsync:error=EIO:when=${before + 1}`]) {
      const { answer } = run(committing(), fault);
      expect(answer).toMatchObject({ ok: false, code: "WRITE_FAILED" });
      expect(answer?.message).toBe(
        `cannot write ${at("a/.proxmox-mcp.txn")}: the device reported an input or output error; ` +
          "nothing was changed",
      );
      expect(standing(), fault).toBe("old");
    }
  });

  it("copies the old texts where links are refused", () => {
    const { answer, calls } = run(committing(), "link:error=EPERM:when=1+");
    expect(answer?.ok).toBe(true);
    expect(standing()).toBe("new");
    for (const name of NAMES) expect(statSync(at(name)).nlink).toBe(1);
    const fsyncs = calls.filter((call) => call === "fsync").length;
    expect(fsyncs).toBeGreaterThan(
      run(committing()).calls.filter((call) => call === "fsync").length,
    );
  });

  it("without links, killed at any call, ends with all files old or all new", async () => {
    const { calls } = run(committing(), "link:error=EPERM:when=1+");
    for (const [call, when] of numbered(calls)) {
      if (call === "link") continue;
      run(committing(), "link:error=EPERM:when=1+", `${call}:signal=KILL:when=${when}`);
      expectWhole(`killed at ${call} ${when}`);
      await recoverAll("b");
      expect(["old", "new"], `killed at ${call} ${when}`).toContain(standing());
    }
  });
});

describe.runIf(traceable)("recovery", () => {
  const HALF: readonly OpenFile[] = [
    { name: "a/one", reached: "replaced", backup: true },
    { name: "a/two", reached: "staged" },
    { name: "b/three", reached: "replaced", backup: true },
    { name: "b/four", reached: "replaced", created: true },
  ];
  const CASES = [
    ["prepared", "finish", "old"],
    ["commit", "finish", "new"],
    ["commit", "abort", "old"],
    ["abort", "finish", "old"],
  ] as const;

  it.each(CASES)("of %s (%s) that is killed at any call is done by the next", async (...one) => {
    const [state, wish, end] = one;
    const files = HALF.map((file) =>
      state === "prepared" ? { ...file, reached: "staged" as const } : file,
    );
    for (const from of ["a", "b"]) {
      const recovering = (): Job => {
        clear();
        leaveOpen(directory(), { state, files });
        return { do: "recover", directories: [at(from)], wish };
      };
      const { calls } = run(recovering());
      expect(standing()).toBe(end);
      for (const [call, when] of numbered(calls)) {
        run(recovering(), `${call}:signal=KILL:when=${when}`);
        const label = `killed at ${call} ${when}`;
        expectWhole(label);
        await recover([at(from === "a" ? "b" : "a")], wish).catch((error) => {
          // Once a file is put away, nothing goes back; and then it was to go on.
          expect([error.code, wish], label).toEqual(["NOT_CLOSED", "abort"]);
        });
        await recoverAll(from);
        if (wish === "finish") expect(standing(), label).toBe(end);
        else expect(["old", "new"], label).toContain(standing());
      }
    }
  });

  it("makes the commit point stay before it renames a file", () => {
    clear();
    leaveOpen(directory(), { state: "commit", files: HALF });
    const { calls } = run({ do: "recover", directories: [at("a"), at("b")] });
    const locks = ["fchmod", "ftruncate", "fchmod", "ftruncate"];
    const record = ["unlink", "fchmod", "fsync", "rename", "fsync"];
    // Of the new text of a/two, and then both directories.
    const rest = ["rename", "fsync", "fsync"];
    expect(calls.slice(0, 12)).toEqual([...locks, ...record, ...rest]);
  });

  it.each(CASES)("of %s (%s) whose calls fail is done by the next", async (...one) => {
    const [state, wish, end] = one;
    const files = HALF.map((file) =>
      state === "prepared" ? { ...file, reached: "staged" as const } : file,
    );
    const recovering = (): Job => {
      clear();
      leaveOpen(directory(), { state, files });
      return { do: "recover", directories: [at("b")], wish };
    };
    const { calls } = run(recovering());
    for (const [call, when] of numbered(calls)) {
      const { answer } = run(recovering(), `${call}:error=EIO:when=${when}`);
      const label = `EIO at ${call} ${when}: ${JSON.stringify(answer)}`;
      expectWhole(label);
      if (answer?.ok) expect(hasRecord(at("a")) || hasRecord(at("b")), label).toBe(false);
      else expect(answer?.code, label).toMatch(/^(NOT_CLOSED|WRITE_FAILED)$/);
      await recover([at("a")], wish);
      await recoverAll("b");
      expect(standing(), label).toBe(end);
    }
  });
});

if (!traceable) it.skip("TRANSACTION FAULTS NOT RUN: strace cannot trace here");
