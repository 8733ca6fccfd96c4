/**
 * Kills every command that writes at each of its calls on the disk, and then lets it finish.
 * Needs Linux and strace. A sample of the points, or with `--mode full` all of them.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { chosen, isFull, LONG, mayMiss, report, sayWhyNot } from "./amount.ts";
import { killAt, start } from "./kill.ts";
import { createPlaces } from "./place.ts";
import { labelOf } from "./points.ts";
import { scenarios } from "./scenarios.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, WIDTH } from "./sweep.ts";

sayWhyNot(untraceable);

describe.runIf(untraceable === undefined)("a command that is killed", () => {
  it.each(scenarios)(
    "leaves old or new, and the next run finishes: $name",
    { timeout: LONG },
    async (scenario) => {
      const places = createPlaces(WIDTH, onTestFinished);
      const running = await start(places, scenario);
      const known = await record(places, running);
      // Between two calls that change nothing the disk is the same.
      const candidates = known.filter(({ call }) => call.changes || isFull);
      const points = chosen(candidates, 6, labelOf);
      const tried = await inPlaces(places, points, (place, point) => killAt(place, running, point));
      const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
      report(`killed ${scenario.name}`, tried.length - missed.length, known.length, missed);
      expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
      expect(missed.length).toBeLessThanOrEqual(mayMiss(points.length));
    },
  );
});
