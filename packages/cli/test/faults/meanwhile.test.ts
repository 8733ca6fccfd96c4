/**
 * Somebody saves a config while it is being rotated, right after each call that changes the disk.
 * Needs Linux and strace. A sample of the points, or with `--mode full` all of them.
 */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { chosen, LONG, mayMiss, report, sayWhyNot } from "./amount.ts";
import { PLAIN } from "./fixtures.ts";
import { type Running, start, type Tried } from "./kill.ts";
import { createPlaces, type Place } from "./place.ts";
import { labelOf, type Point } from "./points.ts";
import type { Ended } from "./program.ts";
import { rotateKey } from "./scenarios.ts";
import { createTextOpener, isLeftover, keysOf, readTree } from "./state.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, WIDTH } from "./sweep.ts";

const EDIT = "# edited\n";

/** How programs save a file: by a new one that takes its name, or by writing into it. */
const saves: Readonly<Record<string, (path: string) => void>> = {
  "a new file": (path) => {
    writeFileSync(`${path}~`, readFileSync(path, "utf8") + EDIT);
    renameSync(`${path}~`, path);
  },
  "the same file": (path) => appendFileSync(path, EDIT),
};

const opener = createTextOpener();

/** What is wrong where a file was edited once. */
async function faultsIn(tree: string, edited: string): Promise<string[]> {
  const found = readTree(tree);
  const keys = keysOf(found);
  const faults: string[] = [];
  for (const [path, plain] of Object.entries(PLAIN)) {
    const text = found.get(path)?.bytes.toString("utf8") ?? "";
    const expected = path === edited ? plain + EDIT : plain;
    try {
      const opened = await opener.open(path, text, keys);
      if (opened.plain !== expected) faults.push(`${path} opens to another text`);
      if (opened.keyIds.length !== 1) faults.push(`${path} opens with ${opened.keyIds}`);
    } catch (error) {
      faults.push(`${path} does not open: ${error}`);
    }
  }
  return faults;
}

function faultsOfWords({ status, stderr }: Ended, edited: string): readonly string[] {
  if (status === 0) return [];
  const isFit = status === 7 || status === 8 || status === 9;
  const faults = isFit ? [] : [`no fit status: ${status}`];
  if (!stderr.includes(edited)) faults.push(`${edited} is not named: ${stderr.trim()}`);
  return faults;
}

async function saveAfter(
  place: Place,
  { saved }: Running,
  { label, call }: Point,
  edited: string,
  save: (path: string) => void,
): Promise<Tried> {
  await place.restore(saved);
  const argv = rotateKey.argv(place.tree);
  const ended = await place.pause(argv, call, () => save(join(place.tree, edited)));
  if (ended === undefined) return { label, wasHit: false, faults: [] };
  const faults = [...(await faultsIn(place.tree, edited)), ...faultsOfWords(ended, edited)];
  let again = await place.run(argv, { from: "elsewhere" });
  // What somebody else has changed is left and named, once.
  if (again.status === 7 && again.stderr.includes(edited) && again.stderr.includes("was left as")) {
    again = await place.run(argv, { from: "elsewhere" });
  }
  if (again.status !== 0) faults.push(`then exit ${again.status}: ${again.stderr.trim()}`);
  faults.push(...(await faultsIn(place.tree, edited)).map((fault) => `then ${fault}`));
  const left = [...readTree(place.tree).keys()].filter(isLeftover);
  if (left.length > 0) faults.push(`then ${left.join(", ")} left`);
  const said = `exit ${ended.status}: ${ended.stderr.trim()}`;
  return {
    label,
    wasHit: true,
    faults: faults.map((fault) => `${edited} saved after ${label}: ${fault} (${said})`),
  };
}

sayWhyNot(untraceable);

describe.runIf(untraceable === undefined)("a config that is saved during its rotation", () => {
  it.each(
    ["one/servers.yaml", "two/.env"].flatMap((path) =>
      Object.keys(saves).map((how) => [path, how]),
    ),
  )("keeps what was saved: %s as %s", { timeout: LONG }, async (edited = "", how = "") => {
    const save = saves[how];
    if (save === undefined) throw new RangeError(how);
    const places = createPlaces(WIDTH, onTestFinished);
    const running = await start(places, rotateKey);
    const known = (await record(places, running)).filter(({ call }) => call.changes);
    const points = chosen(known, 3, labelOf);
    const tried = await inPlaces(places, points, (place, point) =>
      saveAfter(place, running, point, edited, save),
    );
    const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
    report(`${edited} saved as ${how}`, tried.length - missed.length, known.length, missed);
    expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
    expect(missed.length).toBeLessThanOrEqual(mayMiss(points.length));
  });
});
