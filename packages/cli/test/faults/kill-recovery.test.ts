/**
 * Kills the run that recovers from a killed run, at each of its calls on the disk.
 * Needs Linux and strace. A sample of the points, or with `--mode full` every call after a dozen kills.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { atMost, isFull, LONG, mayMiss, report, sayWhyNot } from "./amount.ts";
import { killAt, type Running, start, type Tried } from "./kill.ts";
import { createPlaces, type Place } from "./place.ts";
import { type Point, spread } from "./points.ts";
import { commands, scenarios } from "./scenarios.ts";
import { readTree } from "./state.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, runWithFault, WIDTH } from "./sweep.ts";

// Names appear and go: here a run gets from one state that recovery knows to the next.
const TURNS = /^(link|rename|unlink|fsync)/;

async function killRecovery(
  place: Place,
  running: Running,
  first: Point,
): Promise<readonly Tried[]> {
  const { scenario, judge } = running;
  const traced = await runWithFault(place, scenario, running.saved, first, { kind: "KILL" });
  if (traced === undefined) return [{ label: first.label, wasHit: false, faults: [] }];
  const killed = readTree(place.tree);
  const { isNew, leftovers } = await judge.atAnyTime(killed);
  // A run that had closed needs no recovery: the next one is a run of its own.
  if (isNew && !leftovers.some((path) => path.endsWith(".proxmox-mcp.txn"))) return [];
  const saved = await place.save("killed");
  const recovering: Running = { ...running, saved, seen: [killed], from: "elsewhere" };
  const known = await record([place], recovering);
  const points = spread(
    known.filter(({ call }) => call.changes),
    atMost(2),
  );
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
  return tried;
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
      const tried = (
        await inPlaces(places, firsts, (place, first) => killRecovery(place, running, first))
      ).flat();
      const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
      const hit = tried.length - missed.length;
      report(
        `killed the recovery of ${scenario.name} (${firsts.length} of ${turns.length} kills)`,
        hit,
        tried.length,
        missed,
      );
      expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
      expect(missed.length).toBeLessThanOrEqual(mayMiss(tried.length));
    },
  );
});
