import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deleteBackups } from "../../src/files/delete-backups.ts";
import { asRoot, asUser, sayWhatNeedsRoot } from "./as-user.ts";
import { failure, names, useDirectory } from "./harness.ts";

const directory = useDirectory();
const OLD = "config.json.backup.20260101_000000";
const NEW = "config.json.backup.20260102_000000";
const at = (name: string): string => join(directory(), name);

sayWhatNeedsRoot("backups in a directory of another user");

function write(...files: readonly string[]): void {
  for (const name of files) writeFileSync(at(name), "text");
}

test("backups are deleted, and nothing beside them", () => {
  write("config.json", OLD, NEW);
  deleteBackups([at(OLD)]);
  expect(names(directory())).toEqual(["config.json", NEW]);
});

test("one that is gone already is no failure", () => {
  write(NEW);
  deleteBackups([at(OLD), at(NEW)]);
  expect(names(directory())).toEqual([]);
});

test.each([
  ["a link", (path: string) => symlinkSync("config.json", path)],
  ["a directory", (path: string) => mkdirSync(path)],
])("%s with the name of a backup stops the run before anything is deleted", async (_, make) => {
  write("config.json", OLD);
  make(at(NEW));
  const error = await failure(() => deleteBackups([at(OLD), at(NEW)]));
  expect(error.code).toBe("FILE_NOT_REGULAR");
  expect(names(directory())).toEqual(["config.json", OLD, NEW]);
});

test.each(["config.json", "config.json.backup.20261399_000000", "config.json.backup"])(
  "%s is no backup, and stays",
  (name) => {
    write(name, OLD);
    expect(() => deleteBackups([at(OLD), at(name)])).toThrow(TypeError);
    expect(names(directory())).toEqual([name, OLD].sort());
  },
);

test("a path that cannot be looked at stops the run before anything is deleted", async () => {
  write("config.json", OLD);
  const impossible = at(`config.json/${NEW}`);
  const error = await failure(() => deleteBackups([at(OLD), impossible]));
  expect(error).toMatchObject({ code: "FILE_UNREADABLE", where: { file: impossible } });
  expect(names(directory())).toEqual(["config.json", OLD]);
});

test.runIf(asRoot)(
  "one in a directory of somebody else: how many went before it is told",
  async () => {
    for (const name of ["ours", "theirs"]) {
      mkdirSync(at(name));
      write(`${name}/${OLD}`);
    }
    chmodSync(directory(), 0o755);
    chownSync(at("ours"), 1234, 1234);
    const refused = (...paths: string[]) =>
      asUser(1234, 1234, () => failure(() => deleteBackups(paths.map(at))));
    const error = await refused(`theirs/${OLD}`, `ours/${OLD}`);
    expect(error).toMatchObject({ code: "WRITE_FAILED", where: { file: at(`theirs/${OLD}`) } });
    expect(error.message).toContain("permission denied; nothing was deleted");
    expect(error.hint).toContain(`may write in ${at("theirs")}`);
    expect(names(at("ours"))).toEqual([OLD]);
    expect((await refused(`ours/${OLD}`, `theirs/${OLD}`)).message).toContain(
      "permission denied; 1 before it were deleted",
    );
    expect([names(at("ours")), names(at("theirs"))]).toEqual([[], [OLD]]);
  },
);

test.runIf(asRoot)(
  "a directory that cannot be flushed: they are gone, perhaps not for good",
  async () => {
    write("config.json", OLD);
    // Without permission to list it, names in it can be removed, but it cannot be opened.
    chownSync(directory(), 1234, 1234);
    chmodSync(directory(), 0o300);
    const error = await asUser(1234, 1234, () => failure(() => deleteBackups([at(OLD)])));
    expect(error).toMatchObject({
      code: "NOT_CLOSED",
      message: `backups in ${directory()} were deleted, but perhaps not durably: permission denied`,
      where: { file: directory() },
      hint: "check the disk, then list the backups",
    });
    expect(names(directory())).toEqual(["config.json"]);
  },
);
