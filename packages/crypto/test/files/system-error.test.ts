import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ProxmoxMcpError } from "../../src/errors.ts";
import {
  durabilityError,
  readError,
  systemCode,
  systemReason,
  writeError,
} from "../../src/files/system-error.ts";

/** A system error as Node makes it. */
function systemError(code: string, errno = -1): Error {
  return Object.assign(new Error(`${code}: the system's words, rename 'a' -> 'b'`), {
    code,
    errno,
    syscall: "rename",
    path: "a",
  });
}

const CODES = [
  "EACCES",
  "EBUSY",
  "EDQUOT",
  "EFBIG",
  "EINVAL",
  "EIO",
  "ELOOP",
  "EMFILE",
  "ENAMETOOLONG",
  "ENFILE",
  "ENOENT",
  "ENOSPC",
  "ENOTDIR",
  "EPERM",
  "EROFS",
  "EXDEV",
];

describe("a system error", () => {
  it.each(CODES)("%s becomes one clear line, for reading and for writing", (code) => {
    for (const error of [readError, writeError].map((map) =>
      map("/d/config.json", systemError(code)),
    )) {
      expect(error).toMatchObject({ name: "ProxmoxMcpError", where: { file: "/d/config.json" } });
      const { message } = error as Error;
      expect(message).toMatch(/^(cannot (read|write) |Config file not found: )\/d\/config\.json/);
      expect(message).not.toMatch(/\n|rename|E[A-Z]{3}/);
    }
    expect((writeError("/d/x", systemError(code)) as Error).message).toMatch(
      /; nothing was changed$/,
    );
  });

  it("is named where it is unknown", () => {
    expect((writeError("/d/x", systemError("EWEIRD")) as Error).message).toBe(
      "cannot write /d/x: system error EWEIRD; nothing was changed",
    );
  });

  it("of a used-up quota is known by its number", () => {
    const error = writeError("/d/x", systemError("Unknown system error -122", -122));
    expect(error).toMatchObject({
      code: "WRITE_FAILED",
      message: "cannot write /d/x: the disk quota is used up; nothing was changed",
      hint: "free some of your disk quota, then run the command again",
    });
  });

  it.each([...CODES, "EWEIRD"])("%s has a way out that every command has", (code) => {
    const { hint } = writeError("/d/x", systemError(code)) as ProxmoxMcpError;
    expect(hint).toMatch(/^[a-z]/);
    expect(hint).not.toMatch(/ -o\b/);
  });

  it("of a missing directory names it only where it is missing", () => {
    const hintOf = (path: string) =>
      (writeError(path, systemError("ENOENT")) as ProxmoxMcpError).hint;
    const missing = join(tmpdir(), "no such directory");
    expect(hintOf(join(missing, "x"))).toBe(`create the directory first: mkdir -p ${missing}`);
    expect(hintOf(join(tmpdir(), "x"))).toBe(
      `no file can be made in ${tmpdir()}: use another directory`,
    );
  });

  it("after a rename says that the file was replaced", () => {
    expect(durabilityError("/d/x", "replaced", systemError("EIO"))).toMatchObject({
      code: "NOT_CLOSED",
      message:
        "/d/x was replaced, but its durability is unknown: the device reported an input or output error",
    });
  });

  it("is kept as the cause", () => {
    const cause = systemError("EROFS");
    expect(readError("/d/x", cause)).toMatchObject({ cause });
    expect(writeError("/d/x", cause)).toMatchObject({ cause });
  });
});

describe("what is no system error", () => {
  it("is given back as it is", () => {
    for (const thrown of [
      new TypeError("mistake"),
      Object.assign(new Error(), { code: "ERR_X" }),
      7,
    ]) {
      expect(systemCode(thrown)).toBeUndefined();
      expect(readError("/d/x", thrown)).toBe(thrown);
      expect(writeError("/d/x", thrown)).toBe(thrown);
      expect(durabilityError("/d/x", "written", thrown)).toBe(thrown);
    }
  });
});

describe("systemReason", () => {
  it("has words for what has no code, or one that it does not know", () => {
    expect(systemReason(new Error("no system error"))).toBe("system error without a code");
    const numeric = Object.assign(new Error("x"), { code: 5, syscall: "read" });
    expect(systemReason(numeric)).toBe("system error without a code");
  });

  it("tells a directory that was read like a file", () => {
    const cause = Object.assign(new Error("x"), { code: "EISDIR", syscall: "read", errno: -21 });
    expect(readError("/d/x", cause)).toMatchObject({ code: "FILE_NOT_REGULAR" });
  });
});
