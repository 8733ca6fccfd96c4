/** Which texts beside a file recovery may give the file's name, by who made them. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { refuseForeignTexts } from "../../src/files/foreign-text.ts";
import { type MemberFile, moveIn } from "../../src/files/member.ts";
import { hashText } from "../../src/files/read.ts";
import { asRoot, asUser, sayWhatNeedsRoot } from "./as-user.ts";
import { failure, useDirectory } from "./harness.ts";

const OLD = "the old text";
const NEW = "the new text";
const ME = 1234;
const OWNER = 4321;
const STRANGER = 65534;

const directory = useDirectory();
const posix = process.platform !== "win32";

sayWhatNeedsRoot("texts that another user put beside a file");

function at(name: string): string {
  return join(directory(), name);
}

/** A file with its new text and its old one beside it, none of them renamed yet. */
function staged(): MemberFile {
  const file = {
    target: at("config.json"),
    newPath: at(".config.json.pm-0123456789abcdef.new"),
    oldPath: at(".config.json.pm-0123456789abcdef.old"),
    backupPath: undefined,
    before: hashText(OLD),
    after: hashText(NEW),
  };
  writeFileSync(file.target, OLD);
  writeFileSync(file.newPath, NEW);
  writeFileSync(file.oldPath, OLD);
  return file;
}

/** The same after its rename. */
function replaced(): MemberFile {
  const file = staged();
  moveIn(file);
  return file;
}

function passes(file: MemberFile, goesBack: boolean): void {
  expect(() => refuseForeignTexts([file], goesBack)).not.toThrow();
}

async function refused(file: MemberFile, goesBack: boolean): Promise<string> {
  const error = await failure(() => refuseForeignTexts([file], goesBack));
  const path = goesBack ? file.oldPath : file.newPath;
  expect(error).toMatchObject({ code: "NOT_CLOSED", where: { file: path } });
  expect(error.message).toContain(`an earlier run was to rename ${path} to ${file.target}, but it`);
  expect(error.message).toMatch(/; nothing was changed$/);
  expect(error.hint).toContain("find out who made it");
  return error.message;
}

describe("a text of our own", () => {
  it("takes the name of its file, forwards and back", () => {
    passes(staged(), false);
    passes(replaced(), true);
  });

  it("is not asked for where there is none, nor a file whose place it could take", () => {
    const file = staged();
    rmSync(file.newPath);
    passes(file, false);
    const other = staged();
    rmSync(other.target);
    passes(other, false);
  });
});

describe.runIf(posix)("what is no regular file", () => {
  it("does not take the name of a file: a link to the very text", async () => {
    const file = staged();
    renameSync(file.newPath, at("elsewhere"));
    symlinkSync(at("elsewhere"), file.newPath);
    expect(await refused(file, false)).toContain("but it is no regular file;");
    passes(file, true);
  });

  it("does not take it on the way back: a directory", async () => {
    const file = replaced();
    rmSync(file.oldPath);
    mkdirSync(file.oldPath);
    expect(await refused(file, true)).toContain("but it is no regular file;");
    passes(file, false);
  });

  it("is let be where the file has its text already, or was changed by somebody", () => {
    const file = replaced();
    symlinkSync(at("elsewhere"), file.newPath);
    passes(file, false);
    writeFileSync(file.target, "theirs");
    passes(file, false);
    passes(file, true);
  });

  it("is let be where the name that it takes was nobody's", () => {
    const file = staged();
    rmSync(file.newPath);
    mkdirSync(file.newPath);
    passes({ ...file, before: undefined }, false);
  });

  it("is let be on the way back of a file that was created: it is taken away", () => {
    const created = replaced();
    rmSync(created.oldPath);
    mkdirSync(created.oldPath);
    passes({ ...created, before: undefined }, true);
  });
});

describe.runIf(asRoot)("a text of another user", () => {
  // Whoever this is about must be able to look.
  beforeEach(() => chmodSync(directory(), 0o755));

  function own(file: MemberFile, target: number, text: number): MemberFile {
    chownSync(file.target, target, target);
    for (const path of [file.newPath, file.oldPath]) {
      try {
        chownSync(path, text, text);
      } catch {
        // It has the file's own name by now.
      }
    }
    return file;
  }

  it("does not take the name of root's file, nor of a third one's", async () => {
    for (const target of [0, OWNER]) {
      expect(await refused(own(staged(), target, STRANGER), false)).toContain(
        `but it belongs to user ${STRANGER};`,
      );
      expect(await refused(own(replaced(), target, STRANGER), true)).toContain(
        `but it belongs to user ${STRANGER};`,
      );
    }
  });

  it("takes that of their own file: they could have written it themselves", () => {
    passes(own(staged(), STRANGER, STRANGER), false);
    passes(own(replaced(), STRANGER, STRANGER), true);
  });

  it("counts for an ordinary user as for root; root's and the owner's are good for all", async () => {
    const ofStranger = own(staged(), OWNER, STRANGER);
    await asUser(ME, ME, async () => {
      expect(await refused(ofStranger, false)).toContain(`belongs to user ${STRANGER}`);
    });
    for (const writer of [0, OWNER, ME]) {
      const file = own(staged(), OWNER, writer);
      await asUser(ME, ME, () => passes(file, false));
    }
  });

  it("is found among many, and named", async () => {
    const good = staged();
    const bad = { ...staged(), target: at("other.json"), newPath: at(".other.new") };
    writeFileSync(bad.target, OLD);
    writeFileSync(bad.newPath, NEW);
    chownSync(bad.newPath, STRANGER, STRANGER);
    const error = await failure(() => refuseForeignTexts([good, bad], false));
    expect(error.where).toEqual({ file: bad.newPath });
  });
});
