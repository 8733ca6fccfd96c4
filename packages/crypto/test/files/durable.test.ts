import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createDurable, settle } from "../../src/files/durable.ts";
import { hashBytes } from "../../src/files/read.ts";
import { asUser, sayWhatNeedsRoot } from "./as-user.ts";
import { failure, mode, names, useDirectory } from "./harness.ts";

const directory = useDirectory();

sayWhatNeedsRoot("files that are given away, and those that may not be");

describe("createDurable", () => {
  it("writes every byte and gives the mode", () => {
    const path = join(directory(), "file");
    const bytes = Buffer.alloc(3_000_000, "x");
    createDurable(path, [bytes], { mode: 0o640 });
    expect(hashBytes(readFileSync(path))).toBe(hashBytes(bytes));
    if (process.platform !== "win32") expect(mode(path)).toBe("640");
  });

  it("writes each piece before it asks for the next one", () => {
    const path = join(directory(), "file");
    const found: string[] = [];
    function* pieces(): Generator<Uint8Array> {
      for (const piece of ["one, ", "two, ", "three"]) {
        yield Buffer.from(piece);
        found.push(readFileSync(path, "utf8"));
      }
    }
    createDurable(path, pieces(), { mode: 0o600 });
    expect(found).toEqual(["one, ", "one, two, ", "one, two, three"]);
    expect(readFileSync(path, "utf8")).toBe("one, two, three");
  });

  it("takes the file away again where a piece cannot be made", () => {
    const path = join(directory(), "file");
    function* pieces(): Generator<Uint8Array> {
      yield Buffer.from("one");
      throw new RangeError("no more");
    }
    expect(() => createDurable(path, pieces(), { mode: 0o600 })).toThrow("no more");
    expect(names(directory())).toEqual([]);
  });

  it("takes the file away again on any failure", () => {
    const path = join(directory(), "file");
    const owner = { uid: Number.NaN, gid: 0 };
    expect(() => createDurable(path, [Buffer.from("x")], { mode: 0o600, owner })).toThrow(
      RangeError,
    );
    expect(names(directory())).toEqual([]);
  });

  it("leaves a file alone that is there", () => {
    const path = join(directory(), "file");
    writeFileSync(path, "kept");
    expect(() => createDurable(path, [Buffer.from("x")], { mode: 0o600 })).toThrow("EEXIST");
    expect(readFileSync(path, "utf8")).toBe("kept");
  });
});

describe.runIf(process.getuid?.() === 0)("createDurable, as root", () => {
  it("gives the file away", () => {
    const path = join(directory(), "file");
    createDurable(path, [Buffer.from("x")], { mode: 0o600, owner: { uid: 65_534, gid: 65_534 } });
    expect(statSync(path)).toMatchObject({ uid: 65_534, gid: 65_534 });
  });

  const owner = { uid: 0, gid: 0 };
  const create = (more: object) => {
    const path = join(directory(), "file");
    chmodSync(directory(), 0o777);
    const attributes = { mode: 0o640, owner, ...more };
    return asUser(1234, 1234, () => createDurable(path, [Buffer.from("x")], attributes));
  };

  it("keeps a file its maker's who may not give it away", async () => {
    await create({});
    expect(statSync(join(directory(), "file"))).toMatchObject({ uid: 1234, gid: 1234 });
    expect(mode(join(directory(), "file"))).toBe("640");
  });

  it("makes none where the owner counts, and says whose it had to be", async () => {
    const error = await failure(() => create({ ownerRequired: true }));
    expect(error).toMatchObject({
      code: "WRITE_FAILED",
      message: `cannot write ${join(directory(), "file")}: it belongs to user 0 and group 0, and this user may not give them a file; nothing was changed`,
      hint: "run as the file's owner or as root",
    });
    expect(names(directory())).toEqual([]);
  });
});

describe("settle", () => {
  it("is content with the bytes that were written", () => {
    const path = join(directory(), "file");
    writeFileSync(path, "new");
    settle(path, hashBytes(Buffer.from("new")), "written");
  });

  it("tells other bytes, and none, from those that were written", async () => {
    const path = join(directory(), "file");
    const hash = hashBytes(Buffer.from("new"));
    for (const prepare of [() => {}, () => writeFileSync(path, "other")]) {
      prepare();
      const error = await failure(() => settle(path, hash, "replaced"));
      expect(error).toMatchObject({
        code: "NOT_CLOSED",
        message: `${path} was replaced, but reading it back did not give the bytes that were written`,
      });
    }
  });

  it.skipIf(process.platform === "win32")("tells a directory that cannot be flushed", async () => {
    const path = join(directory(), "absent", "file");
    const error = await failure(() => settle(path, "", "written"));
    expect(error.code).toBe("NOT_CLOSED");
    expect(error.message).toContain("was written, but its durability is unknown");
  });

  it.runIf(process.platform === "linux")("accepts a file system that cannot flush one", () => {
    // That of /proc is one.
    settle("/proc/version", hashBytes(readFileSync("/proc/version")), "written");
  });
});
