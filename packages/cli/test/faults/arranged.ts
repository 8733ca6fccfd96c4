import { expect, onTestFinished } from "vitest";
import { createPlaces, type Place } from "./place.ts";
import type { Ended } from "./program.ts";
import { createJudge, type Judge } from "./promise.ts";
import { rotateKey } from "./scenarios.ts";
import { readTree, type Tree } from "./state.ts";

/** A tree that is going to be rotated, and who judges it. */
export interface Arranged {
  readonly place: Place;
  readonly tree: string;
  readonly before: Tree;
  readonly judge: Judge;
  rotate(...through: readonly string[]): Promise<Ended>;
}

/** Three encrypted files of three formats, and how they are rotated. */
export async function arrange(prepare?: (place: Place) => void, on?: "disk"): Promise<Arranged> {
  const [place] = createPlaces(1, onTestFinished, on);
  if (place === undefined) throw new RangeError("no place");
  prepare?.(place);
  await rotateKey.arrange(place);
  return look(place);
}

/** Takes a tree as it is for the one to begin with. */
export function look(place: Place): Arranged {
  const before = readTree(place.tree);
  return {
    place,
    tree: place.tree,
    before,
    judge: createJudge(rotateKey, before),
    rotate: (...through) => place.run(rotateKey.argv(place.tree), { through }),
  };
}

/** Nothing has changed, and the error says so. A key that was made may wait in its place. */
export async function expectRefused(
  arranged: Arranged,
  ended: Ended,
  status: number,
): Promise<void> {
  const tree = readTree(arranged.tree);
  expect(ended).toMatchObject({ status, stdout: "" });
  expect(ended.stderr).toMatch(/error\[[A-Z_]+\]: .+ Way out: .+\.\n$/);
  const { faults, isOld, leftovers } = await arranged.judge.atAnyTime(tree);
  expect({ faults, isOld, leftovers }).toEqual({ faults: [], isOld: true, leftovers: [] });
}

/** Every file is on one new key, and nothing is left. */
export async function expectRotated({ tree, judge }: Arranged, ended: Ended): Promise<void> {
  expect(ended).toMatchObject({ status: 0 });
  expect(await judge.whenDone(readTree(tree))).toEqual([]);
}
