/** Rotation on a disk that is full, read-only or another one. Needs root and Linux. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { isFull, LONG } from "./amount.ts";
import { arrange, expectRefused, expectRotated, look } from "./arranged.ts";
import { writeEncrypted } from "./fixtures.ts";
import { createPlaces } from "./place.ts";
import { fillDisk, mayMount, missing, mountUntilFinished, onSmallDisk } from "./surroundings.ts";

const byMount = missing(mayMount, "root that may mount");

describe("a disk", () => {
  it.skipIf(byMount !== "")(`${byMount}that is full at any moment`, { timeout: LONG }, async () => {
    let refused = 0;
    // Up to the room that all new texts, records and locks need, a page at a time.
    for (let room = 0; room <= 24 * 4096; room += isFull ? 4096 : 5 * 4096) {
      const [place] = createPlaces(1, onTestFinished);
      if (place === undefined) throw new RangeError("no place");
      onSmallDisk(place, 512 * 1024, onTestFinished);
      await writeEncrypted(place);
      writeFileSync(join(place.tree, "ballast"), "");
      const makeRoom = fillDisk(place.tree, room);
      const arranged = look(place);
      const ended = await arranged.rotate();
      if (ended.status === 0) continue;
      refused += 1;
      await expectRefused(arranged, ended, 8);
      expect(ended.stderr).toMatch(/disk is full|no space|free some/i);
      makeRoom();
      expect(await arranged.rotate()).toMatchObject({ status: 0 });
    }
    expect(refused).toBeGreaterThan(0);
  });

  it.skipIf(byMount !== "")(`${byMount}that has no room for another name`, async () => {
    const [place] = createPlaces(1, onTestFinished);
    if (place === undefined) throw new RangeError("no place");
    mountUntilFinished(onTestFinished, "-t", "tmpfs", "-o", "nr_inodes=40", "none", place.tree);
    await writeEncrypted(place);
    for (let index = 0; ; index += 1) {
      try {
        writeFileSync(join(place.tree, `ballast-${index}`), "");
      } catch {
        break;
      }
    }
    const arranged = look(place);
    await expectRefused(arranged, await arranged.rotate(), 8);
  });

  it.skipIf(byMount !== "")(`${byMount}that is read-only`, async () => {
    const arranged = await arrange();
    const two = join(arranged.tree, "two");
    mountUntilFinished(onTestFinished, "--bind", two, two);
    execFileSync("mount", ["-o", "remount,bind,ro", two]);
    await expectRefused(arranged, await arranged.rotate(), 8);
  });

  it.skipIf(byMount !== "")(`${byMount}that is another one in each directory`, async () => {
    const arranged = await arrange(({ tree }) => {
      for (const name of ["one", "two", "keys"]) {
        mkdirSync(join(tree, name));
        mountUntilFinished(onTestFinished, "-t", "tmpfs", "none", join(tree, name));
      }
    });
    await expectRotated(arranged, await arranged.rotate());
  });
});
