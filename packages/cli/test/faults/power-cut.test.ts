/**
 * Cuts the power: after a run, and in the middle of it. What was on the disk at that moment is
 * mounted again, and the promise is checked on it. Needs root, loop devices, ext4 and strace.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import {
  chosen,
  chosenGroups,
  isFull,
  LONG,
  mayMiss,
  report,
  sayWhyNot,
  spread,
} from "./amount.ts";
import { findObstacle, type ImagePlace, onImage } from "./disk-image.ts";
import { type Running, recover, start, type Tried } from "./kill.ts";
import { createPlaces } from "./place.ts";
import { labelOf, type Point, pointsOf } from "./points.ts";
import { commandOf, type Scenario } from "./scenario.ts";
import { commands, rotateKey, scenarios } from "./scenarios.ts";
import type { Shard } from "./shard.ts";
import { readTree } from "./state.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, runWithFault } from "./sweep.ts";

const obstacle = untraceable ?? findObstacle();

async function startOnImage(scenario: Scenario): Promise<[ImagePlace, Running]> {
  const [place] = createPlaces(1, onTestFinished);
  if (place === undefined) throw new RangeError("no place");
  const onDisk = onImage(place, onTestFinished);
  return [onDisk, await start([onDisk], scenario)];
}

async function cutAt(place: ImagePlace, running: Running, point: Point): Promise<Tried> {
  const { scenario, judge, saved } = running;
  const label = `power cut at ${point.label}`;
  const traced = await runWithFault(place, scenario, saved, point, { kind: "KILL" });
  if (traced === undefined) return { label, wasHit: false, faults: [] };
  place.cutPower();
  const found = readTree(place.tree);
  const standing = await judge.atAnyTime(found);
  const after = await recover(place, { ...running, seen: [found] }, standing);
  const faults = [...standing.faults, ...after];
  return { label, wasHit: true, faults: faults.map((fault) => `${label}: ${fault}`) };
}

/** Kills a run, and cuts the power in the run that recovers: what it read may be in memory only. */
async function cutRecovery(
  place: ImagePlace,
  running: Running,
  first: Point,
  { limit, part }: { readonly limit: number; readonly part: Shard },
): Promise<{ readonly tried: readonly Tried[]; readonly known: number }> {
  const { scenario, judge, saved } = running;
  const [argv, options] = commandOf(scenario, place.tree, "elsewhere");
  const killed = await runWithFault(place, scenario, saved, first, { kind: "KILL" });
  if (killed === undefined) {
    return { tried: [{ label: first.label, wasHit: false, faults: [] }], known: 0 };
  }
  const whole = await place.trace(argv, options);
  const points = pointsOf(whole.calls, place.tree).filter(({ call }) => call.changes);
  const tried: Tried[] = [];
  const known = spread(points, limit);
  for (const point of chosen(known, limit, labelOf, part)) {
    const label = `killed at ${first.label}, power cut at ${point.label} of the recovery`;
    await runWithFault(place, scenario, saved, first, { kind: "KILL" });
    const seen = readTree(place.tree);
    const { name, when } = point.call;
    const { calls } = await place.trace(argv, { ...options, fault: { name, when, kind: "KILL" } });
    const wasHit = pointsOf(calls, place.tree).some(
      ({ label: found, call }) => call.injected && found === point.label,
    );
    place.cutPower();
    const found = readTree(place.tree);
    const standing = await judge.atAnyTime(found, [seen]);
    const after = await recover(place, { ...running, seen: [seen, found] }, standing);
    const faults = [...standing.faults, ...after];
    tried.push({ label, wasHit, faults: faults.map((fault) => `${label}: ${fault}`) });
  }
  return { tried, known: known.length };
}

sayWhyNot(obstacle);

describe.runIf(obstacle === undefined)("a power cut", () => {
  it.each(isFull ? chosen(scenarios, 0, ({ name }) => name) : commands)(
    "after exit 0 loses nothing: $name",
    { timeout: LONG },
    async (scenario) => {
      const [place, { judge }] = await startOnImage(scenario);
      const ended = await place.run(...commandOf(scenario, place.tree));
      expect(ended).toMatchObject({ status: 0 });
      place.cutPower();
      // The lock's name may come back; a lock it is no more.
      const faults = await judge.whenDone(readTree(place.tree));
      expect(faults.filter((fault) => !fault.endsWith(".lock is left"))).toEqual([]);
    },
  );

  it.each(isFull ? scenarios : commands)(
    "at any point leaves old or new: $name",
    { timeout: LONG },
    async (scenario) => {
      const [place, running] = await startOnImage(scenario);
      const known = (await record([place], running)).filter(({ call }) => call.changes);
      const points = chosen(known, 2, labelOf);
      const tried = await inPlaces([place], points, (_, point) => cutAt(place, running, point));
      const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
      report(`power cut in ${scenario.name}`, tried.length - missed.length, known.length, missed);
      expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
      expect(missed.length).toBeLessThanOrEqual(mayMiss(points.length));
    },
  );

  it("in the run that recovers leaves old or new", { timeout: LONG }, async () => {
    const [place, running] = await startOnImage(rotateKey);
    const known = (await record([place], running)).filter(({ call }) => call.name === "rename");
    const firsts = spread(known, isFull ? 12 : 2);
    const limit = isFull ? 20 : 2;
    const tried: Tried[] = [];
    let all = 0;
    const groups = chosenGroups(firsts);
    for (const { group, part } of groups) {
      const cut = await cutRecovery(place, running, group, { limit, part });
      tried.push(...cut.tried);
      all += cut.known;
    }
    const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
    const hit = tried.length - missed.length;
    report(`power cut in recoveries after ${groups.length} kills`, hit, all, missed);
    expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
    expect(missed.length).toBeLessThanOrEqual(mayMiss(tried.length));
  });
});
