import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inspectFile, inspectOriginal } from "../../src/files/original.ts";
import { asUser } from "./as-user.ts";
import { failure, useDirectory } from "./harness.ts";

const directory = useDirectory();
const root = process.getuid?.() === 0;
const posix = process.platform !== "win32";

function write(name: string, uid = 0, gid = 0): string {
  const path = join(directory(), name);
  writeFileSync(path, "text");
  if (root) chownSync(path, uid, gid);
  return path;
}

describe("the look at a file that is to be replaced", () => {
  it("gives back whose it is and who may use it", () => {
    const path = write("config.json", 1234, 5678);
    if (posix) chmodSync(path, 0o640);
    const stat = inspectOriginal(path);
    expect(stat).toEqual(inspectFile(path));
    if (root) expect(stat).toEqual({ mode: 0o640, uid: 1234, gid: 5678, nlink: 1 });
  });

  it.runIf(root)("refuses owners that this user could not give a file", async () => {
    chmodSync(directory(), 0o777);
    const own = write("own", 1234, 5678);
    const ofOthers = write("of-others", 1, 5678);
    const ofGroup = write("of-group", 1234, 4321);
    await asUser(1234, 5678, async () => {
      expect(inspectOriginal(own).uid).toBe(1234);
      for (const [path, ids] of [
        [ofOthers, "user 1 and group 5678"],
        [ofGroup, "user 1234 and group 4321"],
      ] as const) {
        const error = await failure(() => inspectOriginal(path));
        expect(error).toMatchObject({ code: "WRITE_FAILED", where: { file: path } });
        expect(error.message).toContain(`cannot write ${path}: it belongs to ${ids}, `);
        expect(error.hint).toBe("run as the file's owner or as root");
        expect(inspectFile(path).nlink).toBe(1);
      }
    });
    // What is made in such a directory may belong to its group by itself.
    chownSync(directory(), 0, 4321);
    await asUser(1234, 5678, () => expect(inspectOriginal(ofGroup).gid).toBe(4321));
  });

  it("refuses what is no file, and files with several names", async () => {
    const path = write("config.json");
    linkSync(path, join(directory(), "second"));
    mkdirSync(join(directory(), "below"));
    const codes = [
      ["config.json", "WRITE_FAILED"],
      ["below", "FILE_NOT_REGULAR"],
      ["none", "FILE_NOT_FOUND"],
    ];
    if (posix) {
      symlinkSync(path, join(directory(), "link"));
      codes.push(["link", "FILE_NOT_REGULAR"]);
    }
    for (const [name = "", code] of codes) {
      for (const inspect of [inspectOriginal, inspectFile]) {
        expect((await failure(() => inspect(join(directory(), name)))).code).toBe(code);
      }
    }
  });
});
