/** Points at which a fault was found once: always tried, whatever the sample. Needs Linux and strace. */
import { describe, expect, it, onTestFinished } from "vitest";
import { LONG, report, sayWhyNot } from "./amount.ts";
import { failAt } from "./failure.ts";
import { killAt, start } from "./kill.ts";
import { createPlaces } from "./place.ts";
import { prepareKey, rotateToNewFile } from "./scenarios.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, WIDTH } from "./sweep.ts";

sayWhyNot(untraceable);

describe.runIf(untraceable === undefined)("a fault that was found", () => {
  it.each([
    ["a lock that cannot be closed costs no success", /^close \S*\.proxmox-mcp\.lock #/],
    ["a lock that cannot be looked at is told", /^statx \S*\.proxmox-mcp\.lock #/],
    ["a directory that cannot be looked at is told", /^statx keys #/],
  ])("%s", { timeout: LONG }, async (what, wanted) => {
    const places = createPlaces(WIDTH, onTestFinished);
    const running = await start(places, prepareKey);
    const known = await record(places, running);
    const points = known.filter(({ label }) => wanted.test(label));
    const tried = await inPlaces(places, points, (place, point) =>
      failAt(place, running, { point, kind: "EIO" }),
    );
    report(what, tried.filter(({ wasHit }) => wasHit).length, known.length, []);
    expect(points).not.toEqual([]);
    expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
    expect(tried.every(({ wasHit }) => wasHit)).toBe(true);
  });

  it("a new key file keeps no second name", { timeout: LONG }, async () => {
    const places = createPlaces(WIDTH, onTestFinished);
    const running = await start(places, rotateToNewFile);
    const known = await record(places, running);
    const points = known.filter(({ label }) => /^unlink keys\/\.new\.key\.pm-ID\.new/.test(label));
    const tried = await inPlaces(places, points, (place, point) => killAt(place, running, point));
    expect(points).not.toEqual([]);
    expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
    expect(tried.every(({ wasHit }) => wasHit)).toBe(true);
  });
});
