/**
 * Interrupts every command that writes right after each call that changes the disk: by Ctrl-C, and as
 * a service manager does. Needs Linux and strace. A sample, or with `--mode full` every point.
 */
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import { describe, expect, it, onTestFinished } from "vitest";
import { chosen, isFull, LONG, mayMiss, report, sayWhyNot } from "./amount.ts";
import { type Running, recover, start, type Tried } from "./kill.ts";
import { createPlaces, type Place } from "./place.ts";
import { labelOf, type Point } from "./points.ts";
import type { Standing } from "./promise.ts";
import type { Scenario } from "./scenario.ts";
import { commands, scenarios } from "./scenarios.ts";
import { readTree } from "./state.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, runWithFault, WIDTH } from "./sweep.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

async function interruptAt(
  place: Place,
  running: Running,
  point: Point,
  kind: string,
): Promise<Tried> {
  const label = `${kind} after ${point.label}`;
  const { scenario, judge, saved } = running;
  const traced = await runWithFault(place, scenario, saved, point, { kind });
  if (traced === undefined) return { label, wasHit: false, faults: [] };
  const tree = readTree(place.tree);
  const standing = await judge.atAnyTime(tree);
  const faults = [...standing.faults];
  const left = standing.leftovers.map((path) => `it leaves ${path}`);
  if (traced.status === 0) {
    faults.push(...left);
    if (!standing.isNew) faults.push("a success without its work");
  } else if (traced.status === EXIT_STATUS.INTERRUPTED) {
    faults.push(...left);
    if (!standing.isOld) faults.push("it changed something");
  } else if (traced.status !== EXIT_STATUS.NOT_CLOSED || !isSinkLeft(scenario, standing)) {
    faults.push(`no fit end: ${traced.status ?? traced.signal}`);
  }
  faults.push(...(await recover(place, { ...running, seen: [tree] }, standing)));
  const said = `exit ${traced.status ?? traced.signal}: ${traced.stderr.trim()}`;
  return { label, wasHit: true, faults: faults.map((fault) => `${label}: ${fault} (${said})`) };
}

// A sink that was called for the second time is ended, too: the configs are done by then.
function isSinkLeft({ argv }: Scenario, { isNew, leftovers }: Standing): boolean {
  return argv("").includes("--new-key-sink") && isNew && leftovers.length === 0;
}

sayWhyNot(untraceable);

describe.runIf(untraceable === undefined)("a command that is interrupted", () => {
  it.each(isFull ? scenarios : commands)(
    "ends whole or unchanged: $name",
    { timeout: LONG },
    async (scenario) => {
      const places = createPlaces(WIDTH, onTestFinished);
      const running = await start(places, scenario);
      const known = (await record(places, running)).filter(({ call }) => call.changes);
      const points = chosen(known, 3, labelOf).map((point, index) => ({
        point,
        kind: SIGNALS[index % SIGNALS.length] ?? "SIGINT",
      }));
      const tried = await inPlaces(places, points, (place, { point, kind }) =>
        interruptAt(place, running, point, kind),
      );
      const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
      report(`interrupted ${scenario.name}`, tried.length - missed.length, known.length, missed);
      expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
      expect(missed.length).toBeLessThanOrEqual(mayMiss(points.length));
    },
  );
});
