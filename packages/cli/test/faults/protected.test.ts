import { chmodSync, chownSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { asOrdinaryUser } from "../ordinary-user.ts";
import { arrange, expectRefused, expectRotated, look } from "./arranged.ts";
import { KEY_FILE } from "./scenario.ts";
import { backupOf, readTree } from "./state.ts";
import { clearAttributes, giveAway, mayFreeze, missing, setAttribute } from "./surroundings.ts";

const byAttribute = missing(mayFreeze, "root and chattr");
const byUser = missing(
  asOrdinaryUser !== undefined && asOrdinaryUser.length > 0,
  "root and setpriv",
);
const byRoot = missing(process.getuid?.() === 0, "root");

describe("a file", () => {
  it.skipIf(byAttribute !== "").each([
    ["one/config.json", "+i", 8],
    ["two/.env", "+i", 8],
    ["two/.env", "+a", 8],
    // No place for a new key is none to begin with.
    [KEY_FILE, "+i", 3],
    ["one", "+i", 8],
    ["two", "+i", 8],
    ["keys", "+i", 3],
  ] as const)(`${byAttribute}that nobody may change: %s %s`, async (name, attribute, status) => {
    const arranged = await arrange(undefined, "disk");
    const path = join(arranged.tree, name);
    setAttribute(attribute, path, onTestFinished);
    await expectRefused(arranged, await arranged.rotate(), status);
    clearAttributes(path);
    const again = await arranged.rotate();
    expect(again).toMatchObject({ status: 0 });
    expect(await arranged.judge.whenDone(readTree(arranged.tree))).toEqual([]);
  });

  it.skipIf(byAttribute !== "").each(["one", "two", "keys"])(
    `${byAttribute}in a directory from which nothing may go: %s`,
    async (name) => {
      const arranged = await arrange(undefined, "disk");
      const path = join(arranged.tree, name);
      setAttribute("+a", path, onTestFinished);
      const ended = await arranged.rotate();
      const tree = readTree(arranged.tree);
      const standing = await arranged.judge.atAnyTime(tree);
      expect([ended, standing.faults]).toMatchObject([{ status: expect.toBeOneOf([8, 9]) }, []]);
      if (ended.status === 8) expect(standing.isOld).toBe(true);
      clearAttributes(path);
      expect(await arranged.rotate()).toMatchObject({ status: 0 });
      expect(await arranged.judge.whenDone(readTree(arranged.tree), [tree])).toEqual([]);
    },
  );

  it.skipIf(byUser !== "")(`${byUser}of another user is refused`, async () => {
    const arranged = await arrange();
    giveAway(arranged.tree, 65534);
    chownSync(join(arranged.tree, "two/.env"), 0, 0);
    const foreign = look(arranged.place);
    const ended = await foreign.rotate(...(asOrdinaryUser ?? []));
    await expectRefused(foreign, ended, 8);
  });

  it.skipIf(byUser !== "")(`${byUser}of another user stays theirs when root rotates`, async () => {
    const arranged = await arrange();
    giveAway(join(arranged.tree, "one"), 65534);
    const foreign = look(arranged.place);
    await expectRotated(foreign, await foreign.rotate());
  });

  it.skipIf(byUser !== "")(`${byUser}in a directory that this user may not write`, async () => {
    const arranged = await arrange();
    giveAway(arranged.tree, 65534);
    chmodSync(join(arranged.tree, "two"), 0o555);
    const foreign = look(arranged.place);
    await expectRefused(foreign, await foreign.rotate(...(asOrdinaryUser ?? [])), 8);
  });

  it.skipIf(byUser !== "")(`${byUser}that is read-only is replaced, and stays so`, async () => {
    const arranged = await arrange();
    giveAway(arranged.tree, 65534);
    chmodSync(join(arranged.tree, "two/.env"), 0o444);
    const foreign = look(arranged.place);
    await expectRotated(foreign, await foreign.rotate(...(asOrdinaryUser ?? [])));
  });

  it.skipIf(byRoot !== "")(`${byRoot}keeps mode 0640 and its group`, async () => {
    const arranged = await arrange();
    const path = join(arranged.tree, "one/config.json");
    chownSync(path, 0, 12_345);
    chmodSync(path, 0o640);
    const grouped = look(arranged.place);
    await expectRotated(grouped, await grouped.rotate());
    expect(statSync(path)).toMatchObject({ mode: 0o100_640, gid: 12_345 });
    const backup = readdirSync(join(arranged.tree, "one")).find(
      (name) => backupOf(name) === "config.json",
    );
    expect(statSync(join(arranged.tree, "one", backup ?? ""))).toMatchObject({
      mode: 0o100_640,
      gid: 12_345,
    });
  });
});
