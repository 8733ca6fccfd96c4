/**
 * Something happens between a kill and the next run: somebody saves a config, deletes one, or a
 * directory is not there for a while. Needs Linux and strace.
 */
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { chosen, LONG, mayMiss, report, sayWhyNot } from "./amount.ts";
import { type ConfigPath, PLAIN } from "./fixtures.ts";
import { type Running, start, type Tried } from "./kill.ts";
import { createPlaces, type Place } from "./place.ts";
import { labelOf, type Point } from "./points.ts";
import { isSame } from "./promise.ts";
import { commandOf } from "./scenario.ts";
import { rotateKey } from "./scenarios.ts";
import { createTextOpener, isLeftover, keysOf, readTree, type Tree } from "./state.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, runWithFault, WIDTH } from "./sweep.ts";

const EDIT = "# edited\n";
const opener = createTextOpener();

/** What happens to one of the configs, and what it must open to in the end. */
interface Event {
  readonly name: string;
  readonly path: ConfigPath;
  happen(file: string): void;
  /** `undefined` for a config that is gone: its old text must be somewhere. */
  readonly plain: string | undefined;
}

const events: readonly Event[] = (["one/servers.yaml", "two/.env"] as const).flatMap((path) => [
  {
    name: `${path} was saved as a new file`,
    path,
    happen(file) {
      writeFileSync(`${file}~`, readFileSync(file, "utf8") + EDIT);
      renameSync(`${file}~`, file);
    },
    plain: PLAIN[path] + EDIT,
  },
  {
    name: `${path} was saved as the same file`,
    path,
    happen: (file) => appendFileSync(file, EDIT),
    plain: PLAIN[path] + EDIT,
  },
  { name: `${path} was deleted`, path, happen: (file) => rmSync(file), plain: undefined },
]);

async function faultsIn(tree: Tree, before: Tree, event?: Event): Promise<string[]> {
  const faults: string[] = [];
  const keys = keysOf(tree);
  for (const [path, whole] of Object.entries(PLAIN)) {
    const plain = path === event?.path ? event.plain : whole;
    const found = tree.get(path);
    if (plain === undefined) {
      const old = before.get(path);
      const isKept = [...tree.values()].some((file) => isSame(file, old));
      if (found !== undefined || !isKept) faults.push(`the old text of ${path} is gone`);
      continue;
    }
    try {
      const opened = await opener.open(path, found?.bytes.toString("utf8") ?? "", keys);
      if (opened.plain !== plain) faults.push(`${path} opens to another text`);
      if (opened.keyIds.length !== 1) faults.push(`${path} opens with ${opened.keyIds}`);
    } catch (error) {
      faults.push(`${path} does not open: ${error}`);
    }
  }
  return faults;
}

async function happenAfter(
  place: Place,
  { scenario, saved }: Running,
  before: Tree,
  point: Point,
  event: Event,
): Promise<Tried> {
  const { label } = point;
  const traced = await runWithFault(place, scenario, saved, point, { kind: "KILL" });
  if (traced === undefined) return { label, wasHit: false, faults: [] };
  event.happen(join(place.tree, event.path));
  const [argv, options] = commandOf(scenario, place.tree, "elsewhere");
  const first = await place.run(argv, options);
  const said = `exit ${first.status}: ${first.stderr.trim()}`;
  const faults = await faultsIn(readTree(place.tree), before, event);
  const isNamed = first.status === 0 || (first.stdout + first.stderr).includes(event.path);
  if (!isNamed) faults.push("the file is not named");
  // The rest, where the first run had only closed the killed one.
  const others = argv.filter(
    (argument) => event.plain !== undefined || !argument.endsWith(event.path),
  );
  const again = await place.run(others, options);
  // A file that was left out for good may be told once more.
  const isFit = again.status === 0 || (again.status === 7 && event.plain === undefined);
  if (!isFit) faults.push(`then exit ${again.status}: ${again.stderr.trim()}`);
  const after = readTree(place.tree);
  faults.push(...(await faultsIn(after, before, event)).map((fault) => `then ${fault}`));
  const left = [...after.keys()].filter(
    // Its directory may have no more work to do.
    (path) => isLeftover(path) && event.plain !== undefined,
  );
  if (left.length > 0) faults.push(`then ${left.join(", ")} left`);
  return {
    label,
    wasHit: true,
    faults: faults.map((fault) => `killed at ${label}, ${event.name}: ${fault} (${said})`),
  };
}

/** Takes a directory away, runs, and brings it back. */
async function withoutDirectory(
  place: Place,
  { scenario, saved }: Running,
  before: Tree,
  point: Point,
  name: string,
): Promise<Tried> {
  const { label } = point;
  const traced = await runWithFault(place, scenario, saved, point, { kind: "KILL" });
  if (traced === undefined) return { label, wasHit: false, faults: [] };
  const directory = join(place.tree, name);
  renameSync(directory, `${place.tree}.away`);
  const [argv, options] = commandOf(scenario, place.tree, "elsewhere");
  const others = argv.filter((argument) => !argument.startsWith(`${directory}/`));
  const without = await place.run(others, options);
  renameSync(`${place.tree}.away`, directory);
  const said = `exit ${without.status}: ${without.stderr.trim()}`;
  const faults = await faultsIn(readTree(place.tree), before);
  const again = await place.run(argv, options);
  if (again.status !== 0) faults.push(`then exit ${again.status}: ${again.stderr.trim()}`);
  const after = readTree(place.tree);
  faults.push(...(await faultsIn(after, before)).map((fault) => `then ${fault}`));
  const left = [...after.keys()].filter(isLeftover);
  if (left.length > 0) faults.push(`then ${left.join(", ")} left`);
  return {
    label,
    wasHit: true,
    faults: faults.map((fault) => `killed at ${label}, without ${name}: ${fault} (${said})`),
  };
}

sayWhyNot(untraceable);

describe.runIf(untraceable === undefined)("between a kill and the next run", () => {
  async function begin() {
    const places = createPlaces(WIDTH, onTestFinished);
    const running = await start(places, rotateKey);
    const [place] = places;
    const before = readTree(place?.tree ?? "");
    const known = (await record(places, running)).filter(({ call }) => call.changes);
    // From the first record on.
    const open = known.slice(known.findIndex(({ label }) => label.includes(".proxmox-mcp.txn #")));
    return { places, running, before, known, points: chosen(open, 2, labelOf) };
  }

  it.each(events)("$name: that stays", { timeout: LONG }, async (event) => {
    const { places, running, before, known, points } = await begin();
    const tried = await inPlaces(places, points, (place, point) =>
      happenAfter(place, running, before, point, event),
    );
    const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
    report(`killed, then ${event.name}`, tried.length - missed.length, known.length, missed);
    expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
    expect(missed.length).toBeLessThanOrEqual(mayMiss(points.length));
  });

  it.each(["one", "two"])("%s was away for a while", { timeout: LONG }, async (name) => {
    const { places, running, before, known, points } = await begin();
    const tried = await inPlaces(places, points, (place, point) =>
      withoutDirectory(place, running, before, point, name),
    );
    const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
    report(`killed, then without ${name}`, tried.length - missed.length, known.length, missed);
    expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
    expect(missed.length).toBeLessThanOrEqual(mayMiss(points.length));
  });
});
