/**
 * Kills the run that recovers from a killed run, at each of its calls that change the disk. Needs Linux and
 * strace. A sample of the points, or with `--mode full` every such call of every different recovery.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { chosen, isFull, LONG, mayMiss, report, sayWhyNot, spread } from "./amount.ts";
import { killAt, type Running, start, type Tried } from "./kill.ts";
import { createPlaces, type Place } from "./place.ts";
import { labelOf, type Point } from "./points.ts";
import { commands, scenarios } from "./scenarios.ts";
import { readTree, shapeOf, type Tree } from "./state.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, runWithFault, WIDTH } from "./sweep.ts";

// Names appear and go: here a run gets from one state that recovery knows to the next.
const TURNS = /^(link|rename|unlink|fsync)/;

/** The recoveries of a scenario that were met so far. */
interface Met {
  /** What the first run found. */
  readonly before: Tree;
  /** What each of them found, and its calls that change the disk. */
  readonly recoveries: Set<string>;
}

/** What was tried after one kill, and how many points there are; none for a recovery that was met. */
interface Swept {
  readonly tried: readonly Tried[];
  readonly known: number;
}

const NOTHING: Swept = { tried: [], known: 0 };

async function killRecovery(
  place: Place,
  running: Running,
  first: Point,
  { before, recoveries }: Met,
): Promise<Swept> {
  const { scenario, judge } = running;
  const traced = await runWithFault(place, scenario, running.saved, first, { kind: "KILL" });
  if (traced === undefined) {
    return { tried: [{ label: first.label, wasHit: false, faults: [] }], known: 1 };
  }
  const killed = readTree(place.tree);
  const { isNew, leftovers } = await judge.atAnyTime(killed);
  // A run that had closed needs no recovery: the next one is a run of its own.
  if (isNew && !leftovers.some((path) => path.endsWith(".proxmox-mcp.txn"))) return NOTHING;
  const shape = shapeOf(place.tree, before);
  const saved = await place.save("killed");
  const recovering: Running = {
    ...running,
    saved,
    seen: [killed],
    from: "elsewhere",
    fromUntouched: new Map(),
  };
  const known = (await record([place], recovering)).filter(({ call }) => call.changes);
  const recovery = [shape, ...known.map(labelOf).sort()].join("\n");
  if (isFull && recoveries.has(recovery)) return NOTHING;
  recoveries.add(recovery);
  // Which of the kills that lead to it comes first differs from run to run.
  const points = chosen(known, 2, ({ label }) => `${shape}\n${label}`);
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
      const met: Met = { before: readTree(places[0]?.tree ?? ""), recoveries: new Set() };
      const calls = (await record(places, running)).filter(({ call }) => call.changes);
      const turns = calls.filter(({ label }) => TURNS.test(label));
      const firsts = isFull ? calls : spread(turns, 2);
      const swept = await inPlaces(places, firsts, (place, first) =>
        killRecovery(place, running, first, met),
      );
      const tried = swept.flatMap((each) => each.tried);
      const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
      const hit = tried.length - missed.length;
      report(
        `killed the recovery of ${scenario.name} (different ones: ${met.recoveries.size}, after ${firsts.length} of ${calls.length} kills)`,
        hit,
        swept.reduce((sum, { known }) => sum + known, 0),
        missed,
      );
      expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
      expect(missed.length).toBeLessThanOrEqual(mayMiss(tried.length));
    },
  );
});
