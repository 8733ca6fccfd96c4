import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgram } from "../programs.ts";
import { arrange } from "./arranged.ts";
import { isSame } from "./promise.ts";
import { KEY_FILE } from "./scenario.ts";
import { backupOf, readTree, type Tree } from "./state.ts";
import { missing } from "./surroundings.ts";

const byClock = missing(findProgram("faketime") !== undefined, "faketime");

describe.skipIf(byClock !== "")(`${byClock}a clock`, () => {
  const backupsIn = (tree: string) =>
    ["one", "two"].flatMap((name) =>
      readdirSync(join(tree, name)).filter((found) => backupOf(found) !== undefined),
    );

  it("that stands still: two rotations in one second keep both old texts", async () => {
    const arranged = await arrange();
    const { tree, rotate, before } = arranged;
    for (const run of [1, 2, 3]) {
      expect(await rotate("faketime", "-f", "2026-01-01 00:00:00")).toMatchObject({ status: 0 });
      expect(backupsIn(tree)).toHaveLength(3 * run);
    }
    expectEveryTextIsThere(tree, before);
  });

  it("that jumps back overwrites no backup", async () => {
    const arranged = await arrange();
    const { tree, rotate, before } = arranged;
    const years = ["2031", "2027", "2031"];
    for (const [run, year] of years.entries()) {
      expect(await rotate("faketime", "-f", `${year}-01-01 00:00:00`)).toMatchObject({ status: 0 });
      expect(backupsIn(tree)).toHaveLength(3 * (run + 1));
    }
    expectEveryTextIsThere(tree, before);
  });

  function expectEveryTextIsThere(tree: string, before: Tree): void {
    const now = [...readTree(tree).values()];
    for (const [path, old] of before) {
      if (path === KEY_FILE || lstatSync(join(tree, path)).isDirectory()) continue;
      expect([path, now.some((file) => isSame(file, old))]).toEqual([path, true]);
    }
  }
});
