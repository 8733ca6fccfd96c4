/** Where new keys wait: a directory that is ours alone, or none. */
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { makeStateDirectory, stateDirectory } from "../../src/files/state-directory.ts";
import { asRoot, asUser, sayWhatNeedsRoot } from "./as-user.ts";
import { failure, useDirectory } from "./harness.ts";

const ME = 1234;

const directory = useDirectory();
const posix = process.platform !== "win32";

sayWhatNeedsRoot("a state directory of another user");

/** A home with a state directory in it, which belong to a user each. */
function place(owners: { home: number; state: number }, mode = 0o700) {
  const found = { env: {}, home: join(directory(), "home") };
  const state = stateDirectory(found);
  mkdirSync(state, { recursive: true });
  for (const path of [dirname(state), dirname(dirname(state)), found.home]) {
    chownSync(path, owners.home, owners.home);
    chmodSync(path, 0o711);
  }
  chownSync(state, owners.state, owners.state);
  chmodSync(state, mode);
  return found;
}

describe.runIf(asRoot)("a state directory that is there", () => {
  beforeEach(() => chmodSync(directory(), 0o755));

  it("is used where it is our own, in a home of somebody else that cannot be flushed", async () => {
    const found = place({ home: 0, state: ME });
    expect(await asUser(ME, ME, () => makeStateDirectory(found))).toBe(stateDirectory(found));
  });

  it("is refused where it is somebody else's, closed to others or not", async () => {
    for (const state of [0, 4321]) {
      const found = place({ home: ME, state });
      const error = await asUser(ME, ME, () => failure(() => makeStateDirectory(found)));
      expect(error).toMatchObject({
        code: "WRITE_FAILED",
        where: { file: stateDirectory(found) },
      });
      expect(error.message).toContain("the directory is not our own; nothing was changed");
      expect(statSync(stateDirectory(found)).uid).toBe(state);
    }
  });

  it("is refused where others may look into it, and its mode stays", async () => {
    for (const mode of [0o701, 0o710, 0o755]) {
      const found = place({ home: ME, state: ME }, mode);
      const error = await asUser(ME, ME, () => failure(() => makeStateDirectory(found)));
      expect(error.message).toContain(`open to others (mode ${mode.toString(8)})`);
      expect(statSync(stateDirectory(found)).mode & 0o777).toBe(mode);
    }
  });

  it("is good for root, whoever's it is", () => {
    expect(() => makeStateDirectory(place({ home: ME, state: ME }))).not.toThrow();
  });
});

describe.runIf(posix)("what stands in the place of a state directory", () => {
  it.each<[string, (path: string) => void]>([
    ["a file", (path) => writeFileSync(path, "")],
    ["a link to nothing", (path) => symlinkSync("nowhere", path)],
  ])("%s: the key is not kept elsewhere", async (_, make) => {
    const found = { env: {}, home: directory() };
    const path = stateDirectory(found);
    mkdirSync(dirname(path), { recursive: true });
    make(path);
    const error = await failure(() => makeStateDirectory(found));
    expect(error).toMatchObject({ code: "WRITE_FAILED", where: { file: path } });
  });
});
