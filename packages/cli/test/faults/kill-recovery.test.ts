/**
 * Kills the run that recovers from a killed run, at each of its calls on the disk.
 * Needs Linux and strace. A sample of the points, or with `--mode full` every call after a dozen kills.
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
import { killAt, type Running, start, type Tried } from "./kill.ts";
import { createPlaces, type Place } from "./place.ts";
import { labelOf, type Point } from "./points.ts";
import { commands, scenarios } from "./scenarios.ts";
import type { Shard } from "./shard.ts";
import { readTree } from "./state.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, runWithFault, WIDTH } from "./sweep.ts";

// Names appear and go: here a run gets from one state that recovery knows to the next.
const TURNS = /^(link|rename|unlink|fsync)/;

/** What was tried after one kill, and how many points there are. */
interface Swept {
  readonly tried: readonly Tried[];
  readonly known: number;
}

async function killRecovery(
  place: Place,
  running: Running,
  first: Point,
  part: Shard,
): Promise<Swept> {
  const { scenario, judge } = running;
  const traced = await runWithFault(place, scenario, running.saved, first, { kind: "KILL" });
  if (traced === undefined) {
    return { tried: [{ label: first.label, wasHit: false, faults: [] }], known: 1 };
  }
  const killed = readTree(place.tree);
  const { isNew, leftovers } = await judge.atAnyTime(killed);
  // A run that had closed needs no recovery: the next one is a run of its own.
  if (isNew && !leftovers.some((path) => path.endsWith(".proxmox-mcp.txn"))) {
    return { tried: [], known: 0 };
  }
  const saved = await place.save("killed");
  const recovering: Running = {
    ...running,
    saved,
    seen: [killed],
    from: "elsewhere",
    fromUntouched: new Map(),
  };
  const known = (await record([place], recovering)).filter(({ call }) => call.changes);
  const points = chosen(known, 2, labelOf, part);
  const tried: Tried[] = [];
  for (const point of points) {
    const { label, wasHit, faults } = await killAt(place, recovering, point);
    const where = `first killed at ${first.label}`;
    tried.push({
      label: `${label}, ${where}`,
      wasHit,
      faults: faults.map((fault) => `${fault}, ${where}`),
    });
  }
  return { tried, known: known.length };
}

sayWhyNot(untraceable);

describe.runIf(untraceable === undefined)("a recovery that is killed", () => {
  it.each(isFull ? scenarios : commands)(
    "leaves old or new, and the third run finishes: $name",
    { timeout: LONG },
    async (scenario) => {
      const places = createPlaces(WIDTH, onTestFinished);
      const running = await start(places, scenario);
      const turns = (await record(places, running)).filter(({ label }) => TURNS.test(label));
      const firsts = spread(turns, isFull ? 12 : 2);
      const groups = chosenGroups(firsts);
      const swept = await inPlaces(places, groups, (place, { group, part }) =>
        killRecovery(place, running, group, part),
      );
      const tried = swept.flatMap((each) => each.tried);
      const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
      const hit = tried.length - missed.length;
      report(
        `killed the recovery of ${scenario.name} (${groups.length} of ${turns.length} kills)`,
        hit,
        swept.reduce((sum, { known }) => sum + known, 0),
        missed,
      );
      expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
      expect(missed.length).toBeLessThanOrEqual(mayMiss(tried.length));
    },
  );
});
