/**
 * Lets each call of every command that writes fail with each error that a disk can give.
 * Needs Linux and strace. A sample of the points, or with `--mode full` all of them.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { chosen, LONG, mayMiss, report, sayWhyNot } from "./amount.ts";
import { ERRORS, type Failure, failAt } from "./failure.ts";
import { start } from "./kill.ts";
import { createPlaces } from "./place.ts";
import type { Point } from "./points.ts";
import { scenarios } from "./scenarios.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, WIDTH } from "./sweep.ts";

// A disk that is full stays full, and one that breaks stays broken.
const LASTING: Readonly<Record<string, string>> = {
  pwrite64: "ENOSPC",
  write: "ENOSPC",
  link: "ENOSPC",
  fsync: "EIO",
  rename: "EROFS",
  unlink: "EROFS",
};

function failuresAt(points: readonly Point[]): readonly Failure[] {
  const texts = points.filter(({ call }) => call.name === "write").map(pathOf);
  // A file that waits is named for a key that is not made yet.
  const written = [...new Set(texts)].filter((path) => !path.includes("pending-KEY"));
  return points.flatMap((point) => {
    const { name } = point.call;
    // The runtime wakes its threads by a write, and words go to stderr by one: only files fail.
    const isText = name === "write" && written.includes(pathOf(point));
    const among = isText ? written : undefined;
    const once = ERRORS.map((kind) => ({ point, kind, among }));
    const kind = name === "write" && !isText ? undefined : LASTING[name];
    return kind === undefined ? once : [...once, { point, kind, lasting: true, among }];
  });
}

function pathOf({ label }: Point): string {
  return label.split(" ")[1] ?? "";
}

function nameOf({ point, kind, lasting = false }: Failure): string {
  return `${kind}${lasting ? " from" : " at"} ${point.label}`;
}

sayWhyNot(untraceable);

describe.runIf(untraceable === undefined)("a call that fails", () => {
  it.each(scenarios)(
    "is told as it is, and the next run finishes: $name",
    { timeout: LONG },
    async (scenario) => {
      const places = createPlaces(WIDTH, onTestFinished);
      const running = await start(places, scenario);
      const known = failuresAt(await record(places, running));
      const failures = chosen(known, 6, nameOf);
      const tried = await inPlaces(places, failures, (place, failure) =>
        failAt(place, running, failure),
      );
      const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
      report(`errors in ${scenario.name}`, tried.length - missed.length, known.length, missed);
      expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
      expect(missed.length).toBeLessThanOrEqual(mayMiss(failures.length));
    },
  );
});
