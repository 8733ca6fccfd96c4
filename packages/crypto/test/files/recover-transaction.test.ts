/** Recovery: a run that was killed anywhere ends with all of its files old or all of them new. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasRecord, lockDirectories } from "../../src/files/index.ts";
import { temporaryPath } from "../../src/files/names.ts";
import { hashBytes } from "../../src/files/read.ts";
import { readRecord, recordPath, type TransactionRecord } from "../../src/files/record.ts";
import { recover, type TestChange } from "./commit.ts";
import { canDropRoot, failure, names, texts, useChild, useDirectory } from "./harness.ts";
import { leaveOpen, OPEN_STAMP, type OpenFile, type Reached } from "./open-transaction.ts";

const directory = useDirectory();
const child = useChild();
const posix = process.platform !== "win32";

function at(name: string): string {
  return join(directory(), name);
}

/** Four files in two directories: `a` is home. */
function files(one: Reached, two: Reached, three: Reached, four: Reached): readonly OpenFile[] {
  return [
    { name: "a/one", reached: one, backup: true },
    { name: "a/two", reached: two },
    { name: "b/three", reached: three, backup: true },
    { name: "b/four", reached: four, created: true },
  ];
}

const STAGED = files("staged", "staged", "staged", "staged");
const HALF = files("replaced", "replaced", "staged", "staged");
const REPLACED = files("replaced", "replaced", "replaced", "replaced");
const CLOSING = files("closed", "replaced", "replaced", "replaced");
const CLOSED = files("closed", "closed", "closed", "closed");

const OLD = { "a/one": "old a/one", "a/two": "old a/two", "b/three": "old b/three" };
const NEW = {
  "a/one": "new a/one",
  "a/two": "new a/two",
  "b/three": "new b/three",
  "b/four": "new b/four",
};
const BACKUPS = {
  [`a/one.backup.${OPEN_STAMP}`]: "old a/one",
  [`b/three.backup.${OPEN_STAMP}`]: "old b/three",
};

/** Texts without one of them. */
function without(from: Record<string, string>, name: string): Record<string, string> {
  const { [name]: _, ...others } = from;
  return others;
}

/** From each directory of the transaction, on its own. */
const DIRECTORIES = ["a", "b"];

async function refused(name: string, wish?: "abort"): Promise<Error & { hint?: string }> {
  const before = texts(directory());
  const error = await failure(() => recover([at(name)], wish));
  expect(error.code).toBe("NOT_CLOSED");
  expect(error.message).toContain("nothing was changed");
  expect(texts(directory())).toEqual(before);
  return error as Error & { hint?: string };
}

describe.each(DIRECTORIES)("recovery from directory %s", (from) => {
  const close = (wish?: "abort") => recover([at(from)], wish);

  it("takes away what never came to its commit point", async () => {
    leaveOpen(directory(), { state: "prepared", files: STAGED, keyId: "0123abcd" });
    expect(await close()).toEqual([
      {
        operation: "rotate-key",
        outcome: "undone",
        keyId: "0123abcd",
        targets: STAGED.map(({ name }) => at(name)),
        files: STAGED.map(({ name }) => at(name)),
        left: [],
      },
    ]);
    expect(texts(directory())).toEqual(OLD);
    expect(await close()).toEqual([]);
    expect(statSync(at("a/one")).nlink).toBe(1);
  });

  it("leaves what somebody did meanwhile, where it never came to its commit point", async () => {
    const paths = leaveOpen(directory(), { state: "prepared", files: STAGED });
    appendFileSync(at("a/one"), "!");
    rmSync(at("b/three"));
    writeFileSync(at("b/four"), "theirs");
    await close();
    expect(texts(directory())).toEqual({
      "a/one": "old a/one!",
      "a/two": "old a/two",
      "b/four": "theirs",
      // The only copy of a text is never deleted.
      [(paths["b/three"]?.old ?? "").slice(directory().length + 1)]: "old b/three",
    });
  });

  it.each([
    ["before the first file", STAGED],
    ["between two files", HALF],
    ["after the last file", REPLACED],
    ["while it was closing", CLOSING],
    ["before its records went", CLOSED],
  ])("goes on with what died %s", async (_, open) => {
    leaveOpen(directory(), { state: "commit", files: open });
    expect(await close()).toMatchObject([{ outcome: "finished", left: [] }]);
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
    expect(await close()).toEqual([]);
    for (const name of Object.keys(NEW)) expect(statSync(at(name)).nlink).toBe(1);
  });

  it.each([
    ["before the first file", STAGED],
    ["between two files", HALF],
    ["after the last file", REPLACED],
    ["while it was closing", files("closed", "staged", "replaced", "closed")],
    ["before its records went", CLOSED],
  ])("goes back with what was to be undone and died %s", async (_, open) => {
    leaveOpen(directory(), { state: "abort", files: open });
    expect(await close()).toMatchObject([{ outcome: "undone", left: [] }]);
    expect(texts(directory())).toEqual(OLD);
    expect(await close()).toEqual([]);
  });

  it.each([
    ["before the first file", STAGED],
    ["between two files", HALF],
    ["after the last file", REPLACED],
  ])("goes back, if asked to, with what died %s", async (_, open) => {
    leaveOpen(directory(), { state: "commit", files: open });
    expect(await close("abort")).toMatchObject([{ outcome: "undone", left: [] }]);
    expect(texts(directory())).toEqual(OLD);
  });

  it("goes back though a killed run left a half of a record", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    const id = readRecord(at("a"))?.id ?? "";
    writeFileSync(temporaryPath(recordPath(at("a")), id, "new"), "half of a rec");
    expect(await close("abort")).toMatchObject([{ outcome: "undone" }]);
    expect(texts(directory())).toEqual(OLD);
  });

  it.each([
    [undefined, "finished", { ...NEW, ...BACKUPS }],
    ["abort", "undone", OLD],
  ] as const)("with the wish %s leaves files that somebody changed", async (wish, outcome, all) => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    writeFileSync(at("a/one"), "theirs");
    const [recovery] = await close(wish);
    expect(recovery).toMatchObject({ outcome, left: [at("a/one")] });
    expect(texts(directory())).toEqual({ ...all, "a/one": "theirs" });
  });

  it("keeps no backup that is a second name of a file", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    // An editor that writes in place, in the inode that is the old text too.
    appendFileSync(at("b/three"), "!");
    expect(await close()).toMatchObject([{ outcome: "finished", left: [at("b/three")] }]);
    expect(texts(directory())).toEqual({
      ...without({ ...NEW, ...BACKUPS }, `b/three.backup.${OPEN_STAMP}`),
      "b/three": "old b/three!",
    });
    expect(statSync(at("b/three")).nlink).toBe(1);
  });

  it.each(["removed", "damaged"])("leaves a file whose new text is %s", async (how) => {
    const paths = leaveOpen(directory(), { state: "commit", files: HALF });
    const { new: path = "" } = paths["b/three"] ?? {};
    if (how === "removed") unlinkSync(path);
    else writeFileSync(path, "new");
    expect(await close()).toMatchObject([{ outcome: "finished", left: [at("b/three")] }]);
    expect(texts(directory())).toEqual({
      ...without({ ...NEW, ...BACKUPS }, `b/three.backup.${OPEN_STAMP}`),
      "b/three": "old b/three",
    });
    expect(statSync(at("b/three")).nlink).toBe(1);
  });

  it("leaves a file to be created whose new text is damaged", async () => {
    const paths = leaveOpen(directory(), { state: "commit", files: HALF });
    writeFileSync(paths["b/four"]?.new ?? "", "new");
    expect(await close()).toMatchObject([{ left: [at("b/four")] }]);
    expect(texts(directory())).toEqual(without({ ...NEW, ...BACKUPS }, "b/four"));
  });

  it("leaves a file that somebody made where one was to be created", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    writeFileSync(at("b/four"), "theirs");
    expect(await close()).toMatchObject([{ outcome: "finished", left: [at("b/four")] }]);
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS, "b/four": "theirs" });
  });

  it("leaves files that somebody removed, and their old texts", async () => {
    const paths = leaveOpen(directory(), { state: "commit", files: HALF });
    rmSync(at("a/two"));
    rmSync(at("b/three"));
    expect(await close()).toMatchObject([{ left: [at("a/two"), at("b/three")] }]);
    expect(texts(directory())).toEqual({
      ...without(without({ ...NEW, ...BACKUPS }, "a/two"), "b/three"),
      [(paths["a/two"]?.old ?? "").slice(directory().length + 1)]: "old a/two",
    });
  });

  it.runIf(posix)("leaves a directory and a link in the place of a file", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    rmSync(at("a/one"));
    mkdirSync(at("a/one"));
    renameSync(at("b/three"), at("moved"));
    symlinkSync(at("moved"), at("b/three"));
    expect(await close()).toMatchObject([{ left: [at("a/one"), at("b/three")] }]);
    expect(names(at("a"))).toEqual(["one", `one.backup.${OPEN_STAMP}`, "two"]);
    expect(texts(at("b"))).toEqual({
      four: "new b/four",
      [`three.backup.${OPEN_STAMP}`]: "old b/three",
    });
  });

  it("names files that could not go back", async () => {
    const paths = leaveOpen(directory(), { state: "abort", files: REPLACED });
    writeFileSync(paths["a/two"]?.old ?? "", "damaged");
    writeFileSync(at("b/four"), "theirs");
    expect(await close()).toMatchObject([{ left: [at("a/two"), at("b/four")] }]);
    expect(texts(directory())).toEqual({ ...OLD, "a/two": "new a/two", "b/four": "theirs" });
  });

  it.each([
    ["its old text is put away", CLOSING, () => {}],
    ["its old text is damaged", REPLACED, (old: string) => writeFileSync(old, "damaged")],
  ])("does not go back where of one file %s", async (_, open, spoil) => {
    const paths = leaveOpen(directory(), { state: "commit", files: open });
    spoil(paths["a/one"]?.old ?? "");
    const error = await refused(from, "abort");
    expect(error.message).toContain(`cannot be undone: ${at("a/one")} has no old text`);
    expect(error.hint).toContain("--resume");
    expect(await close()).toMatchObject([{ outcome: "finished" }]);
  });

  it("does not go back where somebody made the file that was created", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    writeFileSync(at("b/four"), "theirs");
    expect((await refused(from, "abort")).message).toContain(at("b/four"));
  });

  it("goes back where a file to be created is gone again", async () => {
    leaveOpen(directory(), { state: "commit", files: REPLACED });
    rmSync(at("b/four"));
    expect(await close("abort")).toMatchObject([{ outcome: "undone", left: [] }]);
    expect(texts(directory())).toEqual(OLD);
  });

  it("waits for no lock: a directory of the transaction that another run holds", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    const other = from === "a" ? "b" : "a";
    const holder = await child.start({ do: "hold", directories: [at(other)], operation: "set" });
    const before = texts(directory());
    const error = await failure(() => close());
    expect(error.code).toBe("LOCKED");
    expect(error.message).toContain(`${at(other)} is locked by set process ${holder.child.pid}`);
    expect(texts(directory())).toEqual(before);
    await holder.goOn();
    await close();
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
  });

  it.each([
    ["damaged", "is damaged", (text: string) => text.replace("old", "odd").slice(0, -20)],
    ["of another version", "another version", (text: string) => text.replace("n 1 s", "n 2 s")],
  ])("touches nothing where a record is %s", async (_, message, spoil) => {
    for (const name of DIRECTORIES) {
      leaveOpen(directory(), { state: "commit", files: HALF });
      const path = recordPath(at(name));
      writeFileSync(path, spoil(readFileSync(path, "utf8")));
      const error = await refused(from);
      expect(error.message).toContain(`${at(name)} was not closed, and its record`);
      expect(error.message).toContain(message);
      for (const used of DIRECTORIES) rmSync(at(used), { recursive: true });
    }
  });

  it("touches nothing where a directory is missing, until it is back", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    const other = from === "a" ? "b" : "a";
    renameSync(at(other), at("moved"));
    const error = await refused(from);
    expect(error.hint).toContain(`bring ${at(other)} back (is it mounted?)`);
    // What is left of a directory whose file system is not mounted.
    mkdirSync(at(other));
    expect((await refused(from)).hint).toContain(`bring ${at(other)} back (is it mounted?)`);
    rmSync(at(other), { recursive: true });
    renameSync(at("moved"), at(other));
    await close();
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
  });
});

describe("a record that is gone", () => {
  it.each(["prepared", "commit", "abort"] as const)(
    "of another directory than home: the rest is closed (%s)",
    async (state) => {
      const open = { state, files: CLOSED, without: ["b"] };
      leaveOpen(directory(), open);
      const outcome = state === "commit" ? "finished" : "undone";
      expect(await recover([at("b")])).toEqual([]);
      expect(hasRecord(at("a"))).toBe(true);
      expect(await recover([at("a")])).toMatchObject([{ outcome, left: [] }]);
      expect(texts(directory())).toEqual(state === "commit" ? { ...NEW, ...BACKUPS } : OLD);
      expect(await recover([at("a")])).toEqual([]);
    },
  );

  it("of another directory: what somebody did since is theirs", async () => {
    leaveOpen(directory(), { state: "abort", files: CLOSED, without: ["b"] });
    writeFileSync(at("a/one"), "new a/one");
    await recover([at("a")]);
    expect(texts(directory())).toEqual({ ...OLD, "a/one": "new a/one" });
  });

  it.each(["prepared", "commit"] as const)(
    "with its directory (%s): it may come back with its record, so the run stays open",
    async (state) => {
      leaveOpen(directory(), { state, files: CLOSED });
      renameSync(at("b"), at("away"));
      const error = await refused("a");
      expect(error.message).toContain(`${at("b")} is not there`);
      expect(error.hint).toContain(`bring ${at("b")} back (is it mounted?)`);
      renameSync(at("away"), at("b"));
      expect(await recover([at("a")])).toHaveLength(1);
      expect(DIRECTORIES.some((name) => hasRecord(at(name)))).toBe(false);
    },
  );

  it("with its directory for good: a run before its commit point is given up by --abort", async () => {
    leaveOpen(directory(), { state: "prepared", files: STAGED });
    rmSync(at("b"), { recursive: true });
    expect((await refused("a")).hint).toContain("give the run up with --abort");
    expect(await recover([at("a")], "abort")).toHaveLength(1);
    expect(hasRecord(at("a"))).toBe(false);
  });

  it("of another directory, before the commit point: it was not written yet", async () => {
    leaveOpen(directory(), { state: "prepared", files: STAGED, without: ["b"] });
    await recover([at("a")]);
    expect(texts(directory())).toEqual(OLD);
  });

  it("of another directory: a run that is closed in part does not go back", async () => {
    const open = [
      { name: "a/two", reached: "staged" },
      { name: "b/three", reached: "closed" },
    ];
    leaveOpen(directory(), { state: "commit", files: open as OpenFile[], without: ["b"] });
    expect((await refused("a", "abort")).message).toContain("it is closed in part");
  });

  it.each(["commit", "abort"] as const)(
    "of another directory, while new texts wait: nothing is touched (%s)",
    async (state) => {
      leaveOpen(directory(), { state, files: HALF, without: ["b"] });
      const error = await refused("a");
      expect(error.message).toContain(`its record in ${at("b")} is gone`);
    },
  );

  it("of home: nothing is touched, and home is named", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF, without: ["a"] });
    const error = await refused("b");
    expect(error.message).toContain(`the other half of its record is not in ${at("a")}`);
    expect(error.hint).toContain(`bring ${at("a")} back`);
    rmSync(at("a"), { recursive: true });
    await refused("b");
  });

  it("of home, which has that of another run: both are left", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    const record = readFileSync(recordPath(at("b")));
    for (const name of DIRECTORIES) rmSync(at(name), { recursive: true });
    leaveOpen(directory(), { state: "commit", files: HALF });
    writeFileSync(recordPath(at("b")), record);
    await refused("b");
  });

  it("and that of a later run in its place: both are closed", async () => {
    leaveOpen(directory(), { state: "commit", files: CLOSED, without: ["b"] });
    rmSync(at("b"), { recursive: true });
    leaveOpen(directory(), { state: "prepared", files: [{ name: "b/three", reached: "staged" }] });
    expect(await recover([at("a")])).toMatchObject([
      { outcome: "finished", files: [at("a/one"), at("a/two")] },
      { outcome: "undone", files: [at("b/three")] },
    ]);
    expect(texts(at("b"))).toEqual({ three: "old b/three" });
  });

  it("in the meantime, of the only directory: what has our names goes", async () => {
    leaveOpen(directory(), { state: "commit", files: STAGED, without: DIRECTORIES });
    expect(await recover(DIRECTORIES.map(at))).toEqual([]);
    expect(texts(directory())).toEqual(OLD);
  });
});

describe("a record that somebody made up", () => {
  function forge(change: (record: TransactionRecord) => object): void {
    leaveOpen(directory(), { state: "commit", files: HALF });
    const record = readRecord(at("b"));
    if (record === undefined) throw new Error("no record");
    const body = `${JSON.stringify(change(record))}\n`;
    const sum = hashBytes(Buffer.from(body, "utf8"));
    writeFileSync(recordPath(at("b")), `proxmox-mcp transaction 1 sha256 ${sum}\n${body}`);
  }

  it.each(["../a/one", "/etc/passwd", "sub/one", "", ".", "..", "one\0"])(
    "with the name %j, which leaves its directory",
    async (name) => {
      for (const field of ["name", "backup"]) {
        forge((record) => ({
          ...record,
          files: record.files.map((file) => ({ ...file, [field]: name })),
        }));
        expect((await refused("b")).message).toContain("is damaged");
        expect((await refused("a")).message).toContain("is damaged");
        for (const used of DIRECTORIES) rmSync(at(used), { recursive: true });
      }
    },
  );

  it("that calls a home its own which does not know of it", async () => {
    forge((record) => ({ ...record, id: "0123456789abcdef" }));
    await refused("b");
  });

  it("that calls its home by another path", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    renameSync(at("a"), at("elsewhere"));
    mkdirSync(at("a"));
    await refused("elsewhere");
    writeFileSync(recordPath(at("a")), readFileSync(recordPath(at("b"))));
    await refused("b");
  });

  it("with the id of a run elsewhere, which is left alone", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    const home = readRecord(at("a"));
    if (home?.plan == null) throw new Error("no home");
    mkdirSync(at("x"));
    const plan = { state: "prepared", directories: [at("x"), at("a"), at("b")], targets: [] };
    const body = `${JSON.stringify({ ...home, home: at("x"), files: [], plan })}\n`;
    const sum = hashBytes(Buffer.from(body, "utf8"));
    writeFileSync(recordPath(at("x")), `proxmox-mcp transaction 1 sha256 ${sum}\n${body}`);
    await recover([at("x")]);
    // Its directories are locked by then, so the true record is found and followed.
    for (const [name, text] of Object.entries(NEW))
      expect(readFileSync(at(name), "utf8")).toBe(text);
    expect(readRecord(at("x"))).toBeUndefined();
  });

  it("whose home has the record of another home", async () => {
    forge((record) => ({ ...record, home: at("c") }));
    mkdirSync(at("c"));
    renameSync(recordPath(at("a")), recordPath(at("c")));
    await refused("b");
  });
});

const asRoot = process.getuid?.() === 0 && canDropRoot;
const NOBODY = 65534;

describe.runIf(asRoot)("recovery by another user", () => {
  it("cannot read the record", () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    for (const name of DIRECTORIES) chmodSync(at(name), 0o777);
    const before = texts(directory());
    const answer = child.run({ do: "recover", directories: [at("b")] }, { ordinaryUser: true });
    expect(answer).toMatchObject({ ok: false, code: "NOT_CLOSED" });
    expect(answer.message).toContain("its record cannot be read; nothing was changed");
    expect(answer.hint).toBe("run as the user who began it");
    expect(texts(directory())).toEqual(before);
  });

  it("follows no record of a third one, though it is there to be read", () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    for (const name of DIRECTORIES) {
      chmodSync(at(name), 0o777);
      chmodSync(recordPath(at(name)), 0o644);
      chownSync(recordPath(at(name)), 12345, 12345);
      // Its owner decides for root alone.
      chownSync(at(name), 12345, 12345);
    }
    const before = texts(directory());
    const answer = child.run({ do: "recover", directories: [at("b")] }, { ordinaryUser: true });
    expect(answer).toMatchObject({ ok: false, code: "NOT_CLOSED" });
    expect(answer.message).toContain("its record belongs to user 12345; nothing was changed");
    expect(texts(directory())).toEqual(before);
  });

  it.each([
    ["the same user", true],
    ["root", false],
  ])("of an ordinary user's run: %s finishes it", async (_, ordinaryUser) => {
    const target = at("c/config.json");
    mkdirSync(at("c"));
    writeFileSync(target, "old");
    // The new text of a file that its group may write can be written by the group, too.
    chmodSync(target, 0o664);
    for (const path of [at("c"), target]) chownSync(path, NOBODY, NOBODY);
    const changes = [
      { target, before: hashBytes(Buffer.from("old")), text: "new", backup: true },
      { target: at("c/created.json"), text: "created", backup: false },
    ];
    const job = { do: "commit", changes, stopAt: 7 } as const;
    const dying = await child.start(job, { ordinaryUser: true });
    await dying.kill();
    if (ordinaryUser) child.run({ do: "recover", directories: [at("c")] }, { ordinaryUser });
    else expect(await recover([at("c")])).toMatchObject([{ outcome: "finished", left: [] }]);
    const [backup = ""] = names(at("c")).filter((name) => name.includes(".backup."));
    expect(texts(at("c"))).toEqual({
      "config.json": "new",
      "created.json": "created",
      [backup]: "old",
    });
    expect(statSync(target).uid).toBe(NOBODY);
  });

  it("by root keeps the owners of files", async () => {
    const paths = leaveOpen(directory(), { state: "commit", files: HALF });
    for (const path of Object.values(paths["b/three"] ?? {}).slice(0, 3))
      chownSync(path, NOBODY, NOBODY);
    // A file that root was to make for somebody replaces nobody's.
    chownSync(paths["b/four"]?.new ?? "", NOBODY, NOBODY);
    expect(await recover([at("a")])).toMatchObject([{ outcome: "finished", left: [] }]);
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
    for (const name of ["b/three", "b/four"]) expect(statSync(at(name)).uid).toBe(NOBODY);
  });
});

describe.runIf(posix)("a text that somebody else put beside a file", () => {
  it.runIf(asRoot).each([
    ["new", "commit", HALF, undefined],
    ["old", "abort", REPLACED, undefined],
    ["old", "commit", REPLACED, "abort"],
  ] as const)("does not take its name: .%s (%s)", async (kind, state, open, wish) => {
    const paths = leaveOpen(directory(), { state, files: open });
    const path = paths["b/three"]?.[kind] ?? "";
    chownSync(path, NOBODY, NOBODY);
    const error = await refused("b", wish);
    expect(error.message).toContain(`rename ${path} to ${at("b/three")}`);
    expect(error.message).toContain("it belongs to user 65534");
    expect(error.hint).toContain("recovery by hand");
    chownSync(path, 0, 0);
    expect(await recover([at("b")], wish)).toMatchObject([{ left: [] }]);
  });

  it("does not take its name: a link", async () => {
    const paths = leaveOpen(directory(), { state: "commit", files: HALF });
    const path = paths["b/three"]?.new ?? "";
    renameSync(path, at("elsewhere"));
    symlinkSync(at("elsewhere"), path);
    expect((await refused("a")).message).toContain("it is no regular file");
  });

  it.runIf(asRoot)("does not matter where the file was changed since", async () => {
    const paths = leaveOpen(directory(), { state: "commit", files: HALF });
    chownSync(paths["b/three"]?.new ?? "", NOBODY, NOBODY);
    writeFileSync(at("b/three"), "theirs");
    expect(await recover([at("a")])).toMatchObject([{ left: [at("b/three")] }]);
    expect(texts(directory())).toMatchObject({ "b/three": "theirs" });
  });
});

describe("a run that is killed", () => {
  const names4 = ["a/one", "a/two", "b/three", "b/four"];

  function changes(): TestChange[] {
    return names4.map((name) => {
      const target = at(name);
      mkdirSync(dirname(target), { recursive: true });
      const backup = name.startsWith("b");
      if (name === "b/four") return { target, text: `new ${name}`, backup };
      writeFileSync(target, `old ${name}`);
      return {
        target,
        before: hashBytes(Buffer.from(`old ${name}`)),
        text: `new ${name}`,
        backup,
      };
    });
  }

  const writing = names4.flatMap((name) => [
    `making ${name}`,
    `verifying ${name}`,
    `writing ${name}`,
  ]);
  const events = [...writing, ...names4.map((name) => `replacing ${name}`)];

  it.each(events.map((event, index) => [event, index + 1] as const))(
    "after %s has all its files old or all new, from every directory",
    async (event, stopAt) => {
      for (const from of DIRECTORIES) {
        const dying = await child.start({ do: "commit", changes: changes(), stopAt });
        await dying.kill();
        const isDone = event.startsWith("replacing");
        const recoveries = await recover([at(from)]);
        expect(recoveries.map(({ outcome }) => outcome)).toEqual(isDone ? ["finished"] : []);
        // Without a record a directory is cleared when somebody writes there.
        await recover(DIRECTORIES.map(at));
        const found = texts(directory());
        const stamp = Object.keys(found)
          .find((name) => name.includes(".backup."))
          ?.slice(-15);
        expect(found).toEqual(
          isDone ? { ...NEW, [`b/three.backup.${stamp}`]: "old b/three" } : OLD,
        );
        for (const name of DIRECTORIES) rmSync(at(name), { recursive: true });
      }
    },
  );

  const file = fc.record({
    directory: fc.constantFrom("a", "b", "c"),
    created: fc.boolean(),
    backup: fc.boolean(),
    old: fc.string({ unit: "grapheme" }),
    text: fc.string({ unit: "grapheme" }),
  });

  it("anywhere, with any files, has all its files old or all new", async () => {
    const run = fc.record({
      files: fc.array(file, { minLength: 1, maxLength: 6 }),
      stopAt: fc.nat(),
      from: fc.nat(),
      wish: fc.constantFrom("finish", "abort"),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ files: made, stopAt, from, wish }) => {
        const base = at("base");
        rmSync(base, { recursive: true, force: true });
        mkdirSync(base);
        const before: Record<string, string> = {};
        const after: Record<string, string> = {};
        const list = made.map(({ directory: name, created, backup, old, text }, index) => {
          const path = join(name, `file${index}`);
          const target = join(base, path);
          mkdirSync(dirname(target), { recursive: true });
          after[path] = text;
          if (created) return { target, text, backup };
          before[path] = old;
          writeFileSync(target, old);
          return { target, before: hashBytes(Buffer.from(old)), text, backup };
        });
        const point = (stopAt % (4 * made.length)) + 1;
        const dying = await child.start({ do: "commit", changes: list, stopAt: point });
        await dying.kill();
        const used = [...new Set(list.map(({ target }) => dirname(target)))];
        const first = used[from % used.length] ?? "";
        await recover([first], wish as "finish" | "abort");
        await recover(used);
        const found = texts(base);
        const isBackup = (name: string) => name.includes(".backup.");
        const kept = Object.fromEntries(Object.entries(found).filter(([name]) => !isBackup(name)));
        const goesOn = point > 3 * made.length && wish === "finish";
        const isOne = made.length === 1 && !(made[0]?.backup && !made[0].created);
        expect(kept).toEqual(goesOn || (isOne && point === 4) ? after : before);
        const backups = Object.entries(found).filter(([name]) => isBackup(name));
        const expected = made.flatMap(({ created, backup, old }) =>
          backup && !created && goesOn ? [old] : [],
        );
        expect(backups.map(([, text]) => text).sort()).toEqual(expected.sort());
      }),
      { numRuns: 25 },
    );
  });
});

describe("recovery that fails", () => {
  it("says what to mend, and the next one goes on", async () => {
    const paths = leaveOpen(directory(), { state: "commit", files: HALF });
    const { old: path = "" } = paths["a/two"] ?? {};
    unlinkSync(path);
    // Nothing deletes a directory in its place.
    mkdirSync(path);
    const error = await failure(() => recover([at("a")]));
    expect(error).toMatchObject({ code: "NOT_CLOSED", where: { file: recordPath(at("a")) } });
    expect(error.message).toMatch(/^an earlier rotate-key in .*a is not closed yet: /);
    expect(error.message).toMatch(/; every file has its new text$/);
    expect(error.hint).toContain("run the command again");
    rmSync(path, { recursive: true });
    expect(await recover([at("b")])).toMatchObject([{ outcome: "finished", left: [] }]);
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
  });

  it("repeats nothing where a backup was kept before", async () => {
    const paths = leaveOpen(directory(), { state: "commit", files: REPLACED });
    const { old = "", backup = "" } = paths["a/one"] ?? {};
    linkSync(old, backup);
    await recover([at("a")]);
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
  });

  it("is not begun where its directory is locked by this very process", async () => {
    leaveOpen(directory(), { state: "commit", files: HALF });
    const locks = await lockDirectories([at("b")], "test");
    expect((await failure(() => recover([at("a")]))).code).toBe("LOCKED");
    locks.release();
    await recover([at("a")]);
    expect(texts(directory())).toEqual({ ...NEW, ...BACKUPS });
  });
});
