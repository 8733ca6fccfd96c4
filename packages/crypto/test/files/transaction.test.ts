/** A transaction from its beginning to its end: all files get their new texts, or none does. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProxmoxMcpError } from "../../src/errors.ts";
import {
  type CommitDetails,
  hasRecord,
  lockDirectories,
  recoverFirst,
  withTransaction,
} from "../../src/files/index.ts";
import { hashBytes } from "../../src/files/read.ts";
import { commit, type OnEvent, recover, type TestChange } from "./commit.ts";
import { canDropRoot, failure, mode, names, texts, useChild, useDirectory } from "./harness.ts";

const directory = useDirectory();
const child = useChild();
const root = process.getuid?.() === 0;
const posix = process.platform !== "win32";
const NOON = new Date("2026-01-31T12:00:00Z");
const STAMP = "20260131_120000";

function at(name: string): string {
  return join(directory(), name);
}

function hash(text: string): string {
  return hashBytes(Buffer.from(text, "utf8"));
}

/** A change of a file that is there, from `old NAME` to `new NAME`. */
function change(name: string, backup = false): TestChange {
  return { target: at(name), before: hash(`old ${name}`), text: `new ${name}`, backup };
}

function creation(name: string): TestChange {
  return { target: at(name), text: `new ${name}`, backup: true };
}

/** Three files in two directories, and one to be created. */
function changes(): TestChange[] {
  return [change("a/one", true), change("a/two"), change("b/three", true), creation("b/four")];
}

const OLD = { "a/one": "old a/one", "a/two": "old a/two", "b/three": "old b/three" };
const NEW = {
  "a/one": "new a/one",
  "a/two": "new a/two",
  "b/four": "new b/four",
  "b/three": "new b/three",
};
const BACKUPS = {
  [`a/one.backup.${STAMP}`]: "old a/one",
  [`b/three.backup.${STAMP}`]: "old b/three",
};

beforeEach(() => {
  for (const name of ["a", "b"]) mkdirSync(at(name));
  for (const [name, text] of Object.entries(OLD)) writeFileSync(at(name), text);
});

/** Commits the changes of `changes`, at noon. */
function commitAll(onEvent?: OnEvent, details: CommitDetails = {}): Promise<object> {
  return commit(changes(), onEvent, { now: NOON, ...details });
}

/** Does something once, when a transaction comes by an event. */
function when(event: string, work: () => void): OnEvent {
  return (now) => {
    if (now === event) work();
  };
}

/** The name of a file that stands beside a target while a transaction runs. */
function beside(target: string, kind: "new" | "old"): string {
  const found = names(dirname(target)).find(
    (name) => name.startsWith(`.${target.split("/").at(-1)}.pm-`) && name.endsWith(kind),
  );
  return join(dirname(target), found ?? "nothing");
}

describe("a transaction of several files", () => {
  it("gives every file its new text, and leaves backups and nothing else", async () => {
    const events: string[] = [];
    const backups = await commitAll((event) => {
      events.push(event);
    });
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
    expect(backups).toEqual({
      [at("a/one")]: at(`a/one.backup.${STAMP}`),
      [at("b/three")]: at(`b/three.backup.${STAMP}`),
    });
    expect(events).toEqual([
      ...["make one", "verify new a/one", "write 1/4", "make two", "verify new a/two", "write 2/4"],
      ...["make three", "verify new b/three", "write 3/4"],
      ...["make four", "verify new b/four", "write 4/4"],
      ...["replace 1/4", "replace 2/4", "replace 3/4", "replace 4/4"],
    ]);
    expect(names(at("a"))).toEqual(["one", `one.backup.${STAMP}`, "two"]);
  });

  it("keeps every old text, and shows no new one, until all of them are verified", async () => {
    await commitAll((event) => {
      if (event.startsWith("replace")) return;
      expect(texts(directory())).toMatchObject(OLD);
      expect(names(at("b"))).not.toContain("four");
    });
  });

  it.runIf(posix)("keeps modes and owners, of backups too", async () => {
    if (root) chownSync(at("a/one"), 1234, 5678);
    chmodSync(at("a/one"), 0o640);
    chmodSync(at("b/three"), 0o644);
    const { uid, gid, ino } = statSync(at("a/one"));
    const [one, two, ...rest] = changes();
    await commit([one, { ...two, mode: 0o600 }, ...rest] as TestChange[], undefined, { now: NOON });
    const backup = statSync(at(`a/one.backup.${STAMP}`));
    expect(backup).toMatchObject({ uid, gid, ino, nlink: 1 });
    expect(statSync(at("a/one"))).toMatchObject({ uid, gid });
    expect(["a/one", "a/two", "b/three", "b/four"].map((name) => mode(at(name)))).toEqual([
      ...["640", "600", "644", "600"],
    ]);
    expect(mode(at(`a/one.backup.${STAMP}`))).toBe("640");
  });

  it("gives the backups of two runs in one second two stamps", async () => {
    await commit([change("a/one", true)], undefined, { now: NOON });
    const again = { ...change("a/one", true), before: hash("new a/one"), text: "newer" };
    const backups = await commit([again, change("b/three", true)], undefined, { now: NOON });
    expect(Object.values(backups)).toEqual([
      at("a/one.backup.20260131_120001"),
      at("b/three.backup.20260131_120001"),
    ]);
    expect(texts(directory())).toMatchObject({
      [`a/one.backup.${STAMP}`]: "old a/one",
      "a/one.backup.20260131_120001": "new a/one",
    });
  });

  it("may have no file at all", async () => {
    expect(await commit([])).toEqual({});
  });

  it("may give a file the text that it has", async () => {
    const same = { ...change("a/one", true), text: "old a/one" };
    await commit([same, change("a/two")], undefined, { now: NOON });
    expect(texts(at("a"))).toEqual({
      one: "old a/one",
      [`one.backup.${STAMP}`]: "old a/one",
      two: "new a/two",
    });
    expect(statSync(at("a/one")).nlink).toBe(1);
  });

  it("goes on when whoever listens to its progress is gone", async () => {
    await commitAll((event) => {
      if (event.startsWith("replace")) throw new Error("EPIPE");
    });
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
  });

  it("does not stop for a signal behind the commit point", async () => {
    const stop = new AbortController();
    await commitAll(
      when("replace 1/4", () => stop.abort()),
      { signal: stop.signal },
    );
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
  });
});

describe("a transaction of one file", () => {
  it("tells its progress, and writes no record where it keeps no backup", async () => {
    const events: string[] = [];
    await commit([change("a/one")], (event) => {
      events.push(event);
      expect(hasRecord(at("a"))).toBe(false);
    });
    expect(events).toEqual(["make one", "verify new a/one", "write 1/1", "replace 1/1"]);
    expect(texts(at("a"))).toEqual({ one: "new a/one", two: "old a/two" });
  });

  it.runIf(root)(
    "gives the new text to whoever it is for, with the mode of the old one",
    async () => {
      chownSync(at("a/one"), 1234, 5678);
      chmodSync(at("a/one"), 0o640);
      const before = hash("old a/one");
      const make = () => ({ text: "new a/one" });
      const scope = { directories: [at("a")], operation: "test" };
      await withTransaction(scope, async ({ commit: commitChanges }) => {
        const one = { target: at("a/one"), before, make, owner: "ours", backup: false } as const;
        await commitChanges([one]);
      });
      expect(statSync(at("a/one"))).toMatchObject({ uid: 0, gid: 0 });
      expect(mode(at("a/one"))).toBe("640");
    },
  );

  it("writes no record for a file that is created either", async () => {
    await commit([creation("b/four")], () => expect(hasRecord(at("b"))).toBe(false));
    expect(texts(at("b"))).toEqual({ four: "new b/four", three: "old b/three" });
  });

  it("has all of it where it keeps a backup", async () => {
    const seen: boolean[] = [];
    await commit([change("a/one", true)], () => void seen.push(hasRecord(at("a"))));
    expect(seen).toEqual([false, false, false, true]);
  });

  it("changes nothing once it is interrupted", async () => {
    const stop = new AbortController();
    const error = await failure(() =>
      commit(
        [change("a/one")],
        when("write 1/1", () => stop.abort()),
        { signal: stop.signal },
      ),
    );
    expect(error.code).toBe("INTERRUPTED");
    expect(texts(directory())).toEqual(OLD);
  });

  it("creates no file where somebody else just did", async () => {
    const error = await failure(() =>
      commit(
        [creation("b/four")],
        when("write 1/1", () => writeFileSync(at("b/four"), "theirs")),
      ),
    );
    expect(error.code).toBe("OUTPUT_EXISTS");
    expect(texts(directory())).toEqual({ ...OLD, "b/four": "theirs" });
  });
});

describe("a failure before the commit point changes nothing", () => {
  /** Runs the changes into a failure. @returns it, after a look at what stands there. */
  async function failed(onEvent: OnEvent, theirs = {}, details = {}): Promise<ProxmoxMcpError> {
    const error = await failure(() => commitAll(onEvent, details));
    expect(texts(directory())).toEqual({ ...OLD, ...theirs });
    return error;
  }

  const reason = new ProxmoxMcpError("TOKEN_OPAQUE", "does not open");
  const fail = (): never => {
    throw reason;
  };

  it.each(["make one", "make three", "verify new a/one", "verify new b/four", "write 4/4"])(
    "at %s",
    async (event) => {
      expect(await failed(when(event, fail))).toBe(reason);
    },
  );

  it("hands on a programmer's mistake as it is", async () => {
    const mistake = new TypeError("mistake");
    const work = commitAll(() => Promise.reject(mistake));
    await expect(work).rejects.toBe(mistake);
    expect(texts(directory())).toEqual(OLD);
  });

  it("a text that has no UTF-8 form", async () => {
    const all = changes().map((one, index) => (index === 2 ? { ...one, text: "\ud800" } : one));
    expect((await failure(() => commit(all))).code).toBe("WRITE_FAILED");
    expect(texts(directory())).toEqual(OLD);
  });

  it.each([
    ["before its turn", "make one"],
    ["while its text is made", "make three"],
    ["while its text is verified", "verify new b/three"],
    ["after that", "make four"],
    ["at the last moment", "write 4/4"],
  ])("a file that somebody else changed %s", async (_, event) => {
    const error = await failed(
      when(event, () => appendFileSync(at("b/three"), "!")),
      { "b/three": "old b/three!" },
    );
    expect(error).toMatchObject({ code: "FILE_CHANGED", where: { file: at("b/three") } });
  });

  it("a file that is not the one that was read", async () => {
    writeFileSync(at("a/two"), "other");
    expect((await failed(() => {}, { "a/two": "other" })).code).toBe("FILE_CHANGED");
  });

  it("a file that was another one while its old text was put aside", async () => {
    const error = await failed((event) => {
      if (event === "verify new a/one") {
        renameSync(at("a/one"), at("a/moved"));
        writeFileSync(at("a/one"), "theirs");
      }
      if (event === "make two") renameSync(at("a/moved"), at("a/one"));
    });
    expect(error).toMatchObject({ code: "FILE_CHANGED", where: { file: at("a/one") } });
  });

  it.each(["verify new a/two", "write 4/4"])("a file that is gone at %s", async (event) => {
    const error = await failure(() => commitAll(when(event, () => unlinkSync(at("a/two")))));
    expect(error).toMatchObject({ code: "FILE_CHANGED", where: { file: at("a/two") } });
    expect(texts(at("b"))).toEqual({ three: "old b/three" });
    expect(texts(at("a"))).toMatchObject({ one: "old a/one" });
  });

  it.runIf(posix)("a link in the place of a file, to the same text", async () => {
    const error = await failed(
      when("write 4/4", () => {
        renameSync(at("a/two"), at("moved"));
        symlinkSync(at("moved"), at("a/two"));
      }),
      { "a/two": undefined, moved: "old a/two" },
    ).catch((wrong: unknown) => wrong);
    expect(error).toMatchObject({ code: "FILE_CHANGED" });
    expect(lstatSync(at("a/two")).isSymbolicLink()).toBe(true);
  });

  it.each(["make one", "write 4/4"])(
    "a file that somebody made at %s where one was to be created",
    async (event) => {
      const theirs = when(event, () => writeFileSync(at("b/four"), "theirs"));
      const error = await failed(theirs, { "b/four": "theirs" });
      expect(error).toMatchObject({ code: "OUTPUT_EXISTS", where: { file: at("b/four") } });
    },
  );

  it("a backup's name that somebody took meanwhile", async () => {
    const name = `b/three.backup.${STAMP}`;
    const theirs = when("write 4/4", () => writeFileSync(at(name), "theirs"));
    const error = await failed(theirs, { [name]: "theirs" });
    expect(error).toMatchObject({ code: "OUTPUT_EXISTS", where: { file: at(name) } });
  });

  const nothingMade: OnEvent = (event) => {
    throw new Error(`it came to ${event}`);
  };

  it("hard links, a directory and a missing file, before any text is made", async () => {
    linkSync(at("b/three"), at("b/second"));
    const error = await failed(nothingMade, { "b/second": "old b/three" });
    expect(error.message).toContain("2 hard links");
    for (const [name, code] of [
      ["b", "FILE_NOT_REGULAR"],
      ["b/none", "FILE_NOT_FOUND"],
    ] as const) {
      const all = [change("a/one"), change(name)];
      expect((await failure(() => commit(all, nothingMade))).code).toBe(code);
    }
    const existing = [change("a/one"), creation("b/three")];
    expect((await failure(() => commit(existing, nothingMade))).code).toBe("OUTPUT_EXISTS");
    expect(texts(directory())).toEqual({ ...OLD, "b/second": "old b/three" });
  });

  it("a directory that is missing", async () => {
    const all = [change("a/one"), creation("none/five")];
    expect((await failure(() => commit(all, nothingMade))).code).toBe("WRITE_FAILED");
    expect(texts(directory())).toEqual(OLD);
  });

  it.runIf(posix)("one directory by two paths, where one record would hide the other", async () => {
    symlinkSync(at("a"), at("c"));
    const all = [change("a/one"), { ...change("a/two"), target: at("c/two") }];
    const error = await failure(() => commit(all, nothingMade));
    expect(error).toMatchObject({ code: "WRITE_FAILED", where: { file: at("c") } });
    expect(error.message).toContain(`${at("a")} and ${at("c")} are two paths to one directory`);
    rmSync(at("c"));
    expect(texts(directory())).toEqual(OLD);
  });

  it("a name that leaves no room for those of its temporary files", async () => {
    const name = `a/${"x".repeat(240)}`;
    writeFileSync(at(name), `old ${name}`);
    const all = [change("a/one", true), change(name, true)];
    const error = await failure(() => commit(all));
    expect(error.message).toContain("the name is too long; nothing was changed");
    expect(texts(directory())).toEqual({ ...OLD, [name]: `old ${name}` });
  });

  it.runIf(root && canDropRoot)("an owner that it could not give back", () => {
    for (const name of ["a", "b"]) chmodSync(at(name), 0o777);
    chownSync(at("a/one"), 65534, 65534);
    const all = [change("a/one"), change("a/two")];
    const answer = child.run({ do: "commit", changes: all, stopAt: 1 }, { ordinaryUser: true });
    expect(answer).toMatchObject({ ok: false, code: "WRITE_FAILED" });
    expect(answer.message).toContain(`cannot write ${at("a/two")}: it belongs to user 0`);
    chownSync(at("a/two"), 65534, 1234);
    const group = child.run({ do: "commit", changes: all, stopAt: 1 }, { ordinaryUser: true });
    expect(group.message).toContain("it belongs to user 65534 and group 1234");
    // A new file may get the group of its directory, where that is set to be so.
    chownSync(at("a"), 0, 1234);
    const late = child.run({ do: "commit", changes: all }, { ordinaryUser: true });
    expect(late.message).toContain("it belongs to user 65534 and group 1234");
    expect(texts(directory())).toEqual(OLD);
    chmodSync(at("a"), 0o2777);
    const answered = child.run({ do: "commit", changes: all }, { ordinaryUser: true });
    expect(answered).toEqual({ ok: true, value: {} });
    expect(statSync(at("a/two"))).toMatchObject({ uid: 65534, gid: 1234 });
  });

  it.runIf(posix)("a disk that has no room for the records", () => {
    const all = Array.from({ length: 40 }, (_, index) => {
      const name = `a/${index}${"x".repeat(200)}`;
      writeFileSync(at(name), `old ${name}`);
      return change(name, true);
    });
    const before = texts(directory());
    const answer = child.run({ do: "commit", changes: all }, { fileLimit: 8 });
    expect(answer).toMatchObject({ ok: false, code: "WRITE_FAILED" });
    expect(answer.message).toContain(`cannot write ${at("a/.proxmox-mcp.txn")}: `);
    expect(answer.message).toContain("; nothing was changed");
    expect(texts(directory())).toEqual(before);
  });

  it("an interruption", async () => {
    for (const event of ["make one", "verify new b/three", "write 2/4", "write 4/4"]) {
      const stop = new AbortController();
      const onEvent = when(event, () => stop.abort());
      expect((await failed(onEvent, {}, { signal: stop.signal })).code).toBe("INTERRUPTED");
    }
  });

  it("a directory that another run holds", async () => {
    const holder = await child.start({ do: "hold", directories: [at("b")], operation: "set" });
    expect((await failed(nothingMade)).code).toBe("LOCKED");
    await holder.goOn();
    await commitAll();
  });

  it("a record that nobody could read back", async () => {
    const work = commitAll(undefined, { keyId: "not a key id" });
    await expect(work).rejects.toThrow(TypeError);
    expect(texts(directory())).toEqual(OLD);
  });
});

const frozen: string[] = [];
afterEach(() => frozen.splice(0).forEach(thaw));

/** Makes a file or directory immutable until the test has ended. */
function freeze(path: string): void {
  spawnSync("chattr", ["+i", path]);
  frozen.push(path);
}

function thaw(path: string): void {
  spawnSync("chattr", ["-i", path]);
}

const canFreeze =
  root &&
  (() => {
    const probe = join(tmpdir(), `immutable-${process.pid}`);
    writeFileSync(probe, "");
    const { status } = spawnSync("chattr", ["+i", probe]);
    thaw(probe);
    rmSync(probe);
    return status === 0;
  })();

describe("a failure behind the commit point undoes everything", () => {
  async function undone(onEvent: OnEvent, theirs = {}): Promise<ProxmoxMcpError> {
    const error = await failure(() => commitAll(onEvent));
    expect(texts(directory())).toEqual({ ...OLD, ...theirs });
    return error;
  }

  it.each([
    ["one", "replace 2/4"],
    ["three", "replace 2/4"],
    ["three", "replace 1/4"],
  ])("where %s was changed by somebody else at %s", async (name, event) => {
    const path = name === "one" ? "a/one" : "b/three";
    if (name === "one") {
      // It has its new text already; only the next failure leads back.
      const error = await undone(
        when(event, () => {
          writeFileSync(at("a/one"), "theirs");
          writeFileSync(at("b/three"), "theirs too");
        }),
        { "a/one": "theirs", "b/three": "theirs too" },
      );
      expect(error).toMatchObject({ code: "FILE_CHANGED", where: { file: at("b/three") } });
      expect(error.message).toContain(`changed by somebody else too, and left so: ${at(path)}`);
      return;
    }
    const error = await undone(
      when(event, () => writeFileSync(at(path), "theirs")),
      { [path]: "theirs" },
    );
    expect(error).toMatchObject({ code: "FILE_CHANGED", where: { file: at(path) } });
  });

  it("where a change put the time and the size back", async () => {
    utimesSync(at("b/three"), 1_000_000, 1_000_000);
    const error = await undone(
      when("replace 1/4", () => {
        writeFileSync(at("b/three"), "OLD B/THREE");
        utimesSync(at("b/three"), 1_000_000, 1_000_000);
      }),
      { "b/three": "OLD B/THREE" },
    );
    expect(error.code).toBe("FILE_CHANGED");
  });

  it("where a file became a directory", async () => {
    const error = await failure(() =>
      commitAll(
        when("replace 2/4", () => {
          unlinkSync(at("b/three"));
          mkdirSync(at("b/three"));
        }),
      ),
    );
    expect(error).toMatchObject({ code: "FILE_CHANGED", where: { file: at("b/three") } });
    const { "b/three": _, ...others } = OLD;
    expect(texts(directory())).toMatchObject(others);
    // A text that stands nowhere else is never deleted, and this one's place is taken.
    expect(names(at("b"))).toEqual(["three"]);
  });

  it("where a file is gone, whose old text then stays", async () => {
    const error = await failure(() => commitAll(when("replace 2/4", () => rmSync(at("b/three")))));
    expect(error).toMatchObject({ code: "FILE_CHANGED", where: { file: at("b/three") } });
    expect(Object.values(texts(at("b")))).toEqual(["old b/three"]);
    expect(hasRecord(at("b"))).toBe(false);
  });

  it("where somebody made the file that was to be created", async () => {
    const error = await undone(
      when("replace 3/4", () => writeFileSync(at("b/four"), "theirs")),
      { "b/four": "theirs" },
    );
    expect(error).toMatchObject({ code: "OUTPUT_EXISTS", where: { file: at("b/four") } });
  });

  it("and takes away what it had created", async () => {
    const [one, two, three, four] = changes() as [TestChange, TestChange, TestChange, TestChange];
    const error = await failure(() =>
      commit(
        [four, one, two, three],
        when("replace 3/4", () => {
          expect(names(at("b"))).toContain("four");
          writeFileSync(at("a/two"), "theirs");
        }),
      ),
    );
    expect(error.code).toBe("FILE_CHANGED");
    expect(texts(directory())).toEqual({ ...OLD, "a/two": "theirs" });
  });

  it.runIf(canFreeze)("where a file is immutable, whose old text is a copy", async () => {
    freeze(at("b/three"));
    const copied: number[] = [];
    const error = await undone(
      when("write 3/4", () => copied.push(statSync(beside(at("b/three"), "old")).nlink)),
    );
    expect(copied).toEqual([1]);
    expect(error).toMatchObject({ code: "WRITE_FAILED", where: { file: at("b/three") } });
    expect(error.hint).toContain("lsattr");
  });

  const canMount = root && spawnSync("unshare", ["-m", "true"]).status === 0;
  it.runIf(canMount)("where a file is a mount point", () => {
    writeFileSync(at("source"), "old b/three");
    const answer = child.run(
      { do: "commit", changes: changes() },
      { mountedOver: [at("source"), at("b/three")] },
    );
    expect(answer).toMatchObject({ ok: false, code: "WRITE_FAILED" });
    expect(answer.hint).toContain("mount its directory instead");
    expect(texts(directory())).toEqual({ ...OLD, source: "old b/three" });
  });
});

describe("what cannot be closed is left to the next run", () => {
  async function open(onEvent: OnEvent): Promise<ProxmoxMcpError> {
    const error = await failure(() => commitAll(onEvent));
    expect(error.code).toBe("NOT_CLOSED");
    expect(hasRecord(at("a"))).toBe(true);
    return error;
  }

  it("where a file is not what was written", async () => {
    const error = await open(when("replace 4/4", () => writeFileSync(at("a/one"), "theirs")));
    expect(error.message).toContain("did not give the bytes that were written");
    expect(await recover([at("b")])).toMatchObject([{ outcome: "finished", left: [at("a/one")] }]);
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS, "a/one": "theirs" });
  });

  it("where a file is gone", async () => {
    const error = await open(when("replace 4/4", () => unlinkSync(at("a/one"))));
    expect(error.message).toMatch(/^the run could not be closed: .*one; /);
    const rest = ["a/two", "b/three", "b/four"].map(at).join(", ");
    expect(error.message).toContain(`not there: ${at("a/one")}; new text: ${rest}`);
    expect(error.where.file).toBe(at("a/.proxmox-mcp.txn"));
    expect(await recover([at("a")])).toMatchObject([{ outcome: "finished", left: [at("a/one")] }]);
    const { "a/one": _, ...others } = NEW;
    expect(texts(directory())).toEqual({ ...others, ...BACKUPS });
  });

  it("where a backup's name is taken, until it is free", async () => {
    const name = `b/three.backup.${STAMP}`;
    const error = await open(when("replace 1/4", () => writeFileSync(at(name), "theirs")));
    expect(error.where.file).toBe(at(name));
    expect(await failure(() => recover([at("a")]))).toMatchObject({ where: { file: at(name) } });
    renameSync(at(name), at("moved"));
    expect(await recover([at("a")])).toMatchObject([{ outcome: "finished", left: [] }]);
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS, moved: "theirs" });
  });

  it("but not where the backup is there already", async () => {
    const name = `b/three.backup.${STAMP}`;
    await commitAll(when("replace 1/4", () => writeFileSync(at(name), "old b/three")));
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
  });

  it("where an old text was changed under its second name", async () => {
    const error = await open(
      when("replace 1/4", () => {
        writeFileSync(beside(at("a/one"), "old"), "theirs");
        writeFileSync(at("b/three"), "theirs too");
      }),
    );
    expect(error.message).toContain(`${at("a/one")} has its new text, while the run was undone`);
    const [recovery] = await recover([at("b")]);
    expect(recovery).toMatchObject({ outcome: "undone", left: [at("a/one"), at("b/three")] });
    expect(texts(directory())).toEqual({
      ...OLD,
      "a/one": "new a/one",
      "b/three": "theirs too",
    });
  });

  it.runIf(canFreeze)("where undoing fails, and the next run undoes the rest", async () => {
    const error = await open(
      when("replace 3/4", () => {
        writeFileSync(at("b/four"), "theirs");
        freeze(at("b"));
      }),
    );
    expect(error.message).toContain(`cannot write ${at("b/four")}, nor undo the run: `);
    expect(error.message).toContain(
      `; old text: ${at("a/one")}, ${at("a/two")}; new text: ${at("b/three")}; changed by somebody else: ${at("b/four")}`,
    );
    expect(await failure(() => recover([at("a")]))).toMatchObject({ code: "NOT_CLOSED" });
    thaw(at("b"));
    const [recovery] = await recover([at("a")]);
    expect(recovery).toMatchObject({ outcome: "undone", left: [at("b/four")] });
    expect(texts(directory())).toEqual({ ...OLD, "b/four": "theirs" });
  });

  it.runIf(canFreeze)("where it cannot even be turned back, and the next run goes on", async () => {
    await open(
      when("replace 3/4", () => {
        writeFileSync(at("b/four"), "theirs");
        freeze(at("a"));
      }),
    );
    thaw(at("a"));
    const [recovery] = await recover([at("b")]);
    expect(recovery).toMatchObject({ outcome: "finished", left: [at("b/four")] });
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS, "b/four": "theirs" });
  });

  it.runIf(canFreeze)("where a new text cannot be taken away again", async () => {
    const error = await failure(() =>
      commitAll(
        when("make three", () => {
          freeze(at("a"));
          throw new ProxmoxMcpError("TOKEN_OPAQUE", "does not open");
        }),
      ),
    );
    expect(error.code).toBe("TOKEN_OPAQUE");
    thaw(at("a"));
    expect(texts(directory())).toMatchObject(OLD);
    expect(names(at("a")).filter((name) => name.includes(".pm-"))).toHaveLength(4);
    await recover([at("a")]);
    expect(texts(directory())).toEqual(OLD);
  });
});

describe("withTransaction", () => {
  const nothing = async (): Promise<void> => {};

  it("adds to the caller's locks, and leaves them locked", async () => {
    const locks = await lockDirectories([at("a")], "test");
    await withTransaction({ directories: [at("b")], operation: "test", locks }, nothing);
    expect([...locks.directories].sort()).toEqual([at("a"), at("b")]);
    expect((await failure(() => recover([at("b")]))).code).toBe("LOCKED");
    locks.release();
    expect(await recover([at("b")])).toEqual([]);
  });

  it("closes its own commit that stayed open, before it begins another", async () => {
    const name = `b/three.backup.${STAMP}`;
    const scope = { directories: [at("a"), at("b")], operation: "test" };
    const toChange = (one: TestChange) => ({
      ...one,
      before: one.before,
      make: () => ({ text: one.text }),
    });
    await withTransaction(scope, async ({ commit: commitChanges, recovered }) => {
      const theirs = (): void => {
        if (!hasRecord(at("b"))) return;
        rmSync(at(name), { force: true });
        writeFileSync(at(name), "theirs");
      };
      const first = changes().map(toChange);
      const details = { now: NOON, onProgress: theirs };
      expect((await failure(() => commitChanges(first, details))).code).toBe("NOT_CLOSED");
      rmSync(at(name));
      const next = { ...change("a/two"), before: hash("new a/two"), text: "newer" };
      await commitChanges([toChange(next)]);
      expect(recovered).toMatchObject([{ outcome: "finished", left: [] }]);
    });
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS, "a/two": "newer" });
  });

  it("closes what stands open in a directory that only its changes name", async () => {
    const job = { do: "commit", changes: changes(), stopAt: 14 } as const;
    await (await child.start(job)).kill();
    mkdirSync(at("c"));
    const scope = { directories: [at("c")], operation: "test" };
    await withTransaction(scope, async ({ commit: commitChanges, recovered }) => {
      expect(recovered).toEqual([]);
      const before = hash("new a/one");
      const make = () => ({ text: "newer" });
      await commitChanges([{ target: at("a/one"), before, make, backup: false }]);
      expect(recovered).toMatchObject([{ outcome: "finished" }]);
    });
    expect(texts(directory())).toMatchObject({ ...NEW, "a/one": "newer" });
  });
});

describe("recoverFirst", () => {
  it("closes what stands open, and does not lock where nothing does", async () => {
    const scope = { directories: [at("a"), at("b"), at("none")], operation: "test" };
    const locks = await lockDirectories([at("a"), at("b")], "test");
    expect(await recoverFirst(scope)).toEqual([]);
    locks.release();
    await (await child.start({ do: "commit", changes: changes(), stopAt: 14 })).kill();
    expect(readFileSync(at("b/three"), "utf8")).toBe("old b/three");
    expect(await recoverFirst(scope)).toMatchObject([{ outcome: "finished" }]);
    expect(texts(directory())).toMatchObject(NEW);
  });

  it("says which directory it cannot look into", async () => {
    const path = at("x".repeat(300));
    const error = await failure(() => recoverFirst({ directories: [path], operation: "test" }));
    expect(error).toMatchObject({ code: "WRITE_FAILED", where: { file: path } });
  });
});
