import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashBytes } from "../../src/files/read.ts";
import {
  deleteRecord,
  formatRecord,
  hasRecord,
  parseRecord,
  readRecord,
  recordPath,
  type TransactionRecord,
  writeRecord,
} from "../../src/files/record.ts";
import { asUser } from "./as-user.ts";
import { failure, mode, names, useDirectory } from "./harness.ts";

const directory = useDirectory();
const posix = process.platform !== "win32";
const root = process.getuid?.() === 0;

const HASH = "0".repeat(64);
const RECORD: TransactionRecord = {
  id: "0123456789abcdef",
  operation: "rotate-key",
  home: "/etc/one",
  stamp: "20260131_120000",
  keyId: "0123abcd",
  files: [
    { name: "a.json", before: HASH, after: HASH, backup: "a.json.backup.20260131_120000" },
    { name: "b.json", before: null, after: HASH, backup: null },
  ],
  plan: { state: "prepared", directories: ["/etc/one", "/etc/two"], targets: ["/etc/one/a.json"] },
};

/** A record with a good checksum, whatever it says. */
function forged(body: string, version = 1): string {
  return `proxmox-mcp transaction ${version} sha256 ${hashBytes(Buffer.from(body, "utf8"))}\n${body}`;
}

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: length, maxLength: length });
const hash = hex(64);
const name = fc
  .string({ unit: "binary", minLength: 1, maxLength: 40 })
  .filter((text) => !/[/\\\0]|^\.\.?$/.test(text));
const path = fc.array(name, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const record: fc.Arbitrary<TransactionRecord> = path.chain((home) =>
  fc.record({
    id: hex(16),
    operation: fc.string({
      unit: fc.constantFrom(..."abcz-"),
      minLength: 1,
      maxLength: 40,
    }),
    home: fc.constant(home),
    stamp: fc.tuple(digits(8), digits(6)).map((parts) => parts.join("_")),
    keyId: fc.option(hex(8)),
    files: fc.array(
      fc.record({ name, before: fc.option(hash), after: hash, backup: fc.option(name) }),
    ),
    plan: fc.option(
      fc.record({
        state: fc.constantFrom("prepared", "commit", "abort"),
        directories: fc.array(path).map((others) => [home, ...others]),
        targets: fc.array(path),
      }),
    ),
  }),
);

function textOf(record: TransactionRecord): string {
  return [...formatRecord(record)].join("");
}

describe("a record as text", () => {
  it("reads back, whatever the files are called", () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(parseRecord(textOf(one))).toEqual(one);
      }),
    );
  });

  it("is known for damaged wherever a byte is changed or missing", () => {
    const text = textOf(RECORD);
    for (let index = 0; index < text.length; index += 1) {
      const other = text[index] === "7" ? "8" : "7";
      const changed = parseRecord(text.slice(0, index) + other + text.slice(index + 1));
      expect(changed === undefined || changed === "other-version").toBe(true);
      expect(parseRecord(text.slice(0, index))).toBeUndefined();
    }
    expect(parseRecord(`${text}\n`)).toBeUndefined();
  });

  it("is known for another version's", () => {
    expect(parseRecord(forged("anything\n", 2))).toBe("other-version");
    expect(parseRecord(textOf(RECORD).replace(" 1 ", " 10 "))).toBe("other-version");
  });

  it("is damaged where it is no JSON in spite of its checksum", () => {
    expect(parseRecord(forged("{"))).toBeUndefined();
  });

  it("comes in pieces that one after the other have room in memory, and reads back", () => {
    const files = Array.from({ length: 5000 }, (_, index) => ({
      name: `ä-${index}.json`,
      before: "a".repeat(64),
      after: "b".repeat(64),
      backup: `ä-${index}.json.backup.20260131_120000`,
    }));
    const pieces = [...formatRecord({ ...RECORD, files })];
    expect(pieces.length).toBeGreaterThan(10);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(100_000);
    const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece, "utf8")));
    expect(parseRecord(bytes.toString("utf8"))).toEqual({ ...RECORD, files });
  });

  it("has a line for each value, for people who recover by hand", () => {
    expect(textOf(RECORD)).toContain('\n      "name": "a.json",\n');
  });

  const WRONG: Record<string, readonly unknown[]> = {
    id: [1, "", "0123456789ABCDEF", "0123456789abcdef0", "../../../../etc/pw"],
    operation: ["", "rotate key", "x".repeat(41), "a\n"],
    home: ["", "etc/one", "/etc\0", null],
    stamp: ["", "../x", "20260131-120000"],
    keyId: ["", "0123ABCD", 1, undefined],
    files: [null, {}, [null], ["a.json"]],
    plan: ["commit", {}, undefined],
  };

  it.each(
    Object.entries(WRONG).flatMap(([field, values]) => values.map((value) => [field, value])),
  )("is damaged, and is not written, with the %s %j", (field, value) => {
    const wrong = { ...RECORD, [field as string]: value };
    expect(parseRecord(forged(`${JSON.stringify(wrong)}\n`))).toBeUndefined();
    expect(() => textOf(wrong as TransactionRecord)).toThrow(TypeError);
  });

  it.each(["../x", "a/b", "/a", "a/", "", ".", "..", "a\0", 1, undefined])(
    "is damaged, and is not written, with a file or backup called %j",
    (wrong) => {
      const [file] = RECORD.files;
      for (const field of ["name", "backup"]) {
        const files = [{ ...file, [field]: wrong }];
        expect(parseRecord(forged(JSON.stringify({ ...RECORD, files })))).toBeUndefined();
        expect(() => textOf({ ...RECORD, files } as TransactionRecord)).toThrow(TypeError);
      }
    },
  );

  it.each([
    { before: "0" },
    { before: undefined },
    { after: null },
    { after: HASH.toUpperCase().replace(/0$/, "A") },
  ])("is damaged with the hash %j", (wrong) => {
    const [file] = RECORD.files;
    const files = [{ ...file, ...wrong }];
    expect(parseRecord(forged(JSON.stringify({ ...RECORD, files })))).toBeUndefined();
  });

  it.each([
    { state: "done" },
    { directories: [] },
    { directories: ["/etc/two", "/etc/one"] },
    { directories: ["/etc/one", "etc/two"] },
    { targets: ["a.json"] },
    { targets: undefined },
  ])("is damaged with the plan %j", (wrong) => {
    const plan = { ...RECORD.plan, ...wrong };
    expect(parseRecord(forged(JSON.stringify({ ...RECORD, plan })))).toBeUndefined();
  });
});

describe("a record in its directory", () => {
  it("takes the place of the one before, and is for its owner alone", () => {
    expect(hasRecord(directory())).toBe(false);
    expect(readRecord(directory())).toBeUndefined();
    writeRecord(directory(), { ...RECORD, plan: null });
    writeRecord(directory(), RECORD);
    expect(hasRecord(directory())).toBe(true);
    expect(readRecord(directory())).toEqual(RECORD);
    expect(names(directory())).toEqual([".proxmox-mcp.txn"]);
    if (posix) expect(mode(recordPath(directory()))).toBe("600");
    deleteRecord(directory());
    deleteRecord(directory());
    expect(names(directory())).toEqual([]);
  });

  it("is written though a killed run left a half of it", () => {
    writeFileSync(join(directory(), `..proxmox-mcp.txn.pm-${RECORD.id}.new`), "half");
    writeRecord(directory(), RECORD);
    expect(readRecord(directory())).toEqual(RECORD);
    expect(names(directory())).toEqual([".proxmox-mcp.txn"]);
  });

  it("leaves nothing where it could not take its place", () => {
    mkdirSync(recordPath(directory()));
    expect(() => writeRecord(directory(), RECORD)).toThrow(/EISDIR|EPERM|EEXIST|ENOTEMPTY/);
    expect(names(directory())).toEqual([".proxmox-mcp.txn"]);
    expect(() => deleteRecord(directory())).toThrow(/EISDIR|EPERM/);
  });

  it("holds no secret, only names and hashes", () => {
    writeRecord(directory(), RECORD);
    const text = readFileSync(recordPath(directory()), "utf8");
    expect(text).not.toContain("enc:");
  });

  it.each([
    ["is damaged", "see docs/rotation.md, recovery by hand", "damaged"],
    ["is damaged", "see docs/rotation.md, recovery by hand", ""],
    [
      "is of another version",
      "finish it with the version that began it",
      textOf(RECORD).replace(" 1 ", " 2 "),
    ],
  ])("%s", async (trouble, hint, text) => {
    writeFileSync(recordPath(directory()), text);
    const error = await failure(() => readRecord(directory()));
    expect(error).toMatchObject({ code: "NOT_CLOSED", hint });
    expect(error.where).toEqual({ file: recordPath(directory()) });
    expect(error.message).toContain(`its record ${trouble}; nothing was changed`);
  });

  it("cannot be read where it is something else", async () => {
    mkdirSync(recordPath(directory()));
    chmodSync(recordPath(directory()), 0o700);
    const error = await failure(() => readRecord(directory()));
    expect(error.message).toContain("its record cannot be read");
  });
});

describe.runIf(posix)("a record that somebody else may have written", () => {
  async function refused(): Promise<string> {
    const error = await failure(() => readRecord(directory()));
    expect(error).toMatchObject({ code: "NOT_CLOSED", where: { file: recordPath(directory()) } });
    expect(error.message).toContain("nothing was changed");
    expect(error.hint).toContain("find out who made it");
    return error.message;
  }

  it.each([0o620, 0o602, 0o666])("is not followed: mode %o", async (bits) => {
    writeRecord(directory(), RECORD);
    chmodSync(recordPath(directory()), bits);
    expect(await refused()).toContain(`can be written by others (mode ${bits.toString(8)})`);
  });

  it("is not followed: a link, even to a good one", async () => {
    writeRecord(directory(), RECORD);
    renameSync(recordPath(directory()), join(directory(), "elsewhere"));
    symlinkSync("elsewhere", recordPath(directory()));
    expect(await refused()).toContain("its record is a symbolic link");
  });

  it.runIf(root)("is not followed by root, unless the directory is theirs", async () => {
    writeRecord(directory(), RECORD);
    chownSync(recordPath(directory()), 65534, 65534);
    expect(await refused()).toContain("its record belongs to user 65534");
    chownSync(directory(), 12345, 12345);
    expect(await refused()).toContain("its record belongs to user 65534");
    chownSync(directory(), 65534, 65534);
    expect(readRecord(directory())).toEqual(RECORD);
  });

  it.runIf(root)("is followed by an ordinary user where it is their own or root's", async () => {
    writeRecord(directory(), RECORD);
    chmodSync(directory(), 0o755);
    chmodSync(recordPath(directory()), 0o644);
    expect(await asUser(1234, 1234, () => readRecord(directory()))).toEqual(RECORD);
    chownSync(recordPath(directory()), 1234, 1234);
    expect(await asUser(1234, 1234, () => readRecord(directory()))).toEqual(RECORD);
    // Whose the directory is makes no difference to them: they follow nobody else.
    chownSync(recordPath(directory()), 65534, 65534);
    chownSync(directory(), 65534, 65534);
    expect(await asUser(1234, 1234, refused)).toContain("its record belongs to user 65534");
  });
});
