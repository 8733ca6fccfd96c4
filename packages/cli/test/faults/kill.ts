/** Kills a command at one of its calls, looks at the disk, and lets the same command finish. */

import type { From, Place, Saved } from "./place.ts";
import type { Point } from "./points.ts";
import type { Ended } from "./program.ts";
import { createJudge, type Judge, type Standing } from "./promise.ts";
import { commandOf, type Scenario } from "./scenario.ts";
import { fingerprint, readTree, type Tree } from "./state.ts";
import { runWithFault } from "./sweep.ts";

/** What a try at one point found; no faults for a promise that was kept. */
export interface Tried {
  readonly label: string;
  readonly wasHit: boolean;
  readonly faults: readonly string[];
}

/** A scenario that is under way: what it starts from, and who judges. */
export interface Running {
  readonly scenario: Scenario;
  readonly judge: Judge;
  /** The tree that every try starts from. */
  readonly saved: Saved;
  /** Trees of earlier kills that led to it. */
  readonly seen: readonly Tree[];
  /** Where the command is started; it is finished from the other directory. Default: `here`. */
  readonly from?: From;
  /** What became of a recovery from a tree that a fault had left as it was. */
  readonly fromUntouched: Map<string, readonly string[]>;
}

/** Arranges a scenario, in the first of its places. */
export async function start(places: readonly Place[], scenario: Scenario): Promise<Running> {
  const [place] = places;
  if (place === undefined) throw new RangeError("no place to run in");
  await scenario.arrange(place);
  const judge = createJudge(scenario, readTree(place.tree));
  return {
    scenario,
    judge,
    saved: await place.save("before"),
    seen: [],
    fromUntouched: new Map(),
  };
}

/** Tries one point: kill, look, recover from another directory, look. */
export async function killAt(place: Place, running: Running, point: Point): Promise<Tried> {
  const { scenario, judge, saved, seen, from = "here" } = running;
  const { label } = point;
  const traced = await runWithFault(place, scenario, saved, point, { kind: "KILL", from });
  if (traced === undefined) return { label, wasHit: false, faults: [] };
  const killed = readTree(place.tree);
  const standing = await judge.atAnyTime(killed, seen);
  const after = await recover(place, { ...running, seen: [...seen, killed] }, standing);
  const faults = [
    ...standing.faults.map((fault) => `after the kill: ${fault}`),
    ...judge.leaks(traced.stdout + traced.stderr, killed).map((leak) => `it printed ${leak}`),
    ...after,
  ];
  return { label, wasHit: true, faults: faults.map((fault) => `killed at ${label}: ${fault}`) };
}

/**
 * Runs the same command again, from another directory, and looks at what it leaves. Where nothing on the
 * disk differs from what the first run began with, that is done once for all such runs.
 */
export async function recover(
  place: Place,
  running: Running,
  standing: Standing,
): Promise<readonly string[]> {
  const { saved, fromUntouched, from = "here" } = running;
  const other = from === "here" ? "elsewhere" : "here";
  if (fingerprint(place.tree) !== saved.fingerprint) {
    return recoverFrom(other, place, running, standing);
  }
  const known = fromUntouched.get(other);
  if (known !== undefined) return known;
  const found = await recoverFrom(other, place, running, standing);
  fromUntouched.set(other, found);
  return found;
}

async function recoverFrom(
  other: From,
  place: Place,
  { scenario, judge, seen }: Running,
  standing: Standing,
): Promise<readonly string[]> {
  const ended = await place.run(...commandOf(scenario, place.tree, other));
  const tree = readTree(place.tree);
  // Where the first run had closed, the second is a run of its own and does the work once more.
  const wasClosed = !standing.leftovers.some((path) => path.endsWith(".proxmox-mcp.txn"));
  const runs = wasClosed && standing.isNew ? 2 : 1;
  const wrong = [...(await judge.whenDone(tree, seen, runs)), ...statusFaults(ended)];
  wrong.push(
    ...judge.leaks(ended.stdout + ended.stderr, ...seen, tree).map((leak) => `it printed ${leak}`),
  );
  return wrong.map((fault) => `after the recovery: ${fault}`);
}

function statusFaults({ status, signal, stderr }: Ended): readonly string[] {
  return status === 0 ? [] : [`exit ${status ?? signal}: ${stderr.trim()}`];
}
