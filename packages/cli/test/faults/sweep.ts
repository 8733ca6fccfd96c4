/** Tries a list of points, each on a tree that was put back, in two places at once. */
import { join } from "node:path";
import type { Fault } from "./calls.ts";
import { type From, type Place, SAME_ID, type Saved } from "./place.ts";
import { type Point, pointsOf } from "./points.ts";
import { commandOf, type Scenario } from "./scenario.ts";
import type { Traced } from "./strace.ts";

/** Processes at a time. */
export const WIDTH = 2;

/** Does some work for every item, each in one of the places. @returns the results, in their order. */
export async function inPlaces<T, R>(
  places: readonly Place[],
  items: readonly T[],
  work: (place: Place, item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  await Promise.all(
    places.map(async (place) => {
      for (let index = next++; index < items.length; index = next++) {
        const item = items[index] as T;
        results[index] = await work(place, item, index);
      }
    }),
  );
  return results;
}

/** What a whole run needs. */
export interface Recorded {
  readonly scenario: Scenario;
  readonly saved: Saved;
  readonly from?: From;
}

/** Runs a scenario's command whole, and lists its points. @throws where it fails. */
export async function record(
  [place]: readonly Place[],
  { scenario, saved, from = "here" }: Recorded,
): Promise<readonly Point[]> {
  if (place === undefined) throw new RangeError("no place to run in");
  await place.restore(saved);
  const { status, stderr, calls } = await place.trace(...commandOf(scenario, place.tree, from));
  if (status !== 0) throw new Error(`${scenario.name}: exit ${status}: ${stderr}`);
  return pointsOf(calls, place.tree);
}

/** What a fault does, where the command is started, and the only files that it meets, as labels call them. */
interface Effect extends Pick<Fault, "kind" | "lasting" | "among"> {
  readonly from?: From;
}

/** Runs a scenario's command with a fault at one point. @returns `undefined` where it cannot be hit. */
export async function runWithFault(
  place: Place,
  scenario: Scenario,
  saved: Saved,
  point: Point,
  { kind, lasting = false, from = "here", among }: Effect,
): Promise<Traced | undefined> {
  const { name } = point.call;
  let { when } = point.call;
  // Calls of the runtime itself come in varying numbers: the trace says how far off the fault was.
  for (let attempt = 0; attempt < 12; attempt += 1) {
    await place.restore(saved);
    const [argv, options] = commandOf(scenario, place.tree, from);
    const paths = among?.map((path) => join(place.tree, path.replace("pm-ID", `pm-${SAME_ID}`)));
    const fault = { name, when, kind, lasting, among: paths };
    const traced = await place.trace(argv, { ...options, fault });
    const [first, ...others] = traced.calls.filter((call) => call.injected);
    const points = pointsOf(traced.calls, place.tree);
    const wanted = points.find(({ label }) => label === point.label)?.call;
    // Locks are taken by short-lived processes, each with a first call of its own.
    const mayRepeat = lasting || name === "flock";
    const isHit = first !== undefined && wanted === first && (mayRepeat || others.length === 0);
    if (isHit && (kind !== "KILL" || traced.killed)) return traced;
    // One that came too early says nothing of where the wanted call is.
    if (wanted !== undefined) when = wanted.when;
    else if (first?.thread === traced.calls[0]?.thread) when += 1;
  }
  return undefined;
}
