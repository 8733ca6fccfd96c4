/**
 * Kills a rotation, and closes it by other means than the same command: `--resume`, `--abort`, and a
 * command that only wants to write one of the files. Needs Linux and strace.
 */
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { chosen, LONG, mayMiss, report, sayWhyNot } from "./amount.ts";
import { jsonConfig, keyFlag, PLAIN, SECRETS } from "./fixtures.ts";
import { type Running, start, type Tried } from "./kill.ts";
import { createPlaces, type Place, type RunOptions } from "./place.ts";
import { labelOf, type Point } from "./points.ts";
import { isSame } from "./promise.ts";
import { commandOf } from "./scenario.ts";
import { rotateKey } from "./scenarios.ts";
import { createTextOpener, isLeftover, keysOf, readTree, type Tree } from "./state.ts";
import { untraceable } from "./strace.ts";
import { inPlaces, record, runWithFault, WIDTH } from "./sweep.ts";

interface Way {
  readonly name: string;
  command(tree: string): [argv: readonly string[], options?: RunOptions];
  /** The directories that it works in. */
  readonly writes: RegExp;
  /** What the configs must open to, whichever key they open with. */
  readonly plain: Readonly<Record<string, string>>;
  /** Whether all of them are old or new together, with one key, when it is through. */
  readonly isEven: boolean;
}

const rotation = (tree: string) => commandOf(rotateKey, tree)[0];

const ways: readonly Way[] = [
  {
    name: "--resume",
    command: (tree) => [[...rotation(tree), "--resume"]],
    writes: /./,
    plain: PLAIN,
    isEven: true,
  },
  {
    name: "--abort",
    command: (tree) => [[...rotation(tree), "--abort"]],
    writes: /./,
    plain: PLAIN,
    isEven: true,
  },
  {
    name: "set",
    command: (tree) => [
      ["set", join(tree, "one/config.json"), "/auth/token_value", ...keyFlag(tree)],
      { input: SECRETS.next },
    ],
    writes: /^one\//,
    plain: { ...PLAIN, "one/config.json": jsonConfig(SECRETS.next) },
    isEven: false,
  },
  {
    name: "set in the other directory",
    command: (tree) => [
      ["set", join(tree, "two/.env"), "PROXMOX_TOKEN_VALUE", ...keyFlag(tree)],
      { input: SECRETS.next },
    ],
    writes: /^two\//,
    plain: { ...PLAIN, "two/.env": PLAIN["two/.env"].replace(SECRETS.dotenv, SECRETS.next) },
    isEven: false,
  },
  {
    name: "encrypt",
    command: (tree) => [["encrypt", join(tree, "one/config.json"), "--in-place", ...keyFlag(tree)]],
    writes: /^one\//,
    plain: PLAIN,
    isEven: false,
  },
];

const opener = createTextOpener();

async function faultsIn(tree: Tree, { plain, isEven }: Way): Promise<string[]> {
  const faults: string[] = [];
  const keys = keysOf(tree);
  const ids = new Set<string>();
  for (const [path, expected] of Object.entries(plain)) {
    const text = tree.get(path)?.bytes.toString("utf8") ?? "";
    try {
      const opened = await opener.open(path, text, keys);
      for (const id of opened.keyIds) ids.add(id);
      if (opened.plain !== expected) faults.push(`${path} opens to another text`);
    } catch (error) {
      faults.push(`${path} does not open: ${error}`);
    }
  }
  if (isEven && ids.size !== 1) faults.push(`the configs open with ${ids.size} keys`);
  return faults;
}

async function closeAfter(place: Place, running: Running, point: Point, way: Way): Promise<Tried> {
  const { label } = point;
  const { scenario, saved, judge } = running;
  const traced = await runWithFault(place, scenario, saved, point, { kind: "KILL" });
  if (traced === undefined) return { label, wasHit: false, faults: [] };
  const killed = readTree(place.tree);
  const [argv, options] = way.command(place.tree);
  const ended = await place.run(argv, { ...options, from: "elsewhere" });
  const tree = readTree(place.tree);
  const faults: string[] = [];
  const said = `exit ${ended.status}: ${ended.stderr.trim()}`;
  if (ended.status === 0) {
    faults.push(...(await faultsIn(tree, way)));
    // A record in another directory tells nothing to who writes in this one. And where there is none yet
    // nothing stands open: whoever writes next to the names of a dead run deletes them.
    const isOpen = [...killed.keys()].some((path) => path.endsWith("/.proxmox-mcp.txn"));
    const left = [...tree.keys()].filter((path) => way.writes.test(path) && isLeftover(path));
    if (isOpen && left.length > 0) faults.push(`${left.join(", ")} left`);
  } else if (way.name !== "--abort" || ended.status !== 9 || hasChanged(killed, tree)) {
    faults.push(said);
  }
  // What `set` wrote is neither the old text nor that of the rotation.
  if (way.isEven) faults.push(...(await judge.atAnyTime(tree, [killed])).faults);
  const again = await place.run(rotation(place.tree));
  if (again.status !== 0) faults.push(`then exit ${again.status}: ${again.stderr.trim()}`);
  const closed = readTree(place.tree);
  faults.push(...(await faultsIn(closed, { ...way, isEven: true })).map((text) => `then ${text}`));
  const left = [...closed.keys()].filter(isLeftover);
  if (left.length > 0) faults.push(`then ${left.join(", ")} left`);
  return {
    label,
    wasHit: true,
    faults: faults.map((fault) => `killed at ${label}, then ${way.name}: ${fault} (${said})`),
  };
}

function hasChanged(before: Tree, after: Tree): boolean {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.some(
    (path) => !path.endsWith(".lock") && !isSame(before.get(path), after.get(path)),
  );
}

sayWhyNot(untraceable);

describe.runIf(untraceable === undefined)("a rotation that was killed", () => {
  it.each(ways)("is closed by $name", { timeout: LONG }, async (way) => {
    const places = createPlaces(WIDTH, onTestFinished);
    const running = await start(places, rotateKey);
    const known = (await record(places, running)).filter(({ call }) => call.changes);
    // The last third holds the commit point, the renames and what puts everything away.
    const points = chosen(known.slice(Math.floor(known.length / 2)), 3, labelOf);
    const tried = await inPlaces(places, points, (place, point) =>
      closeAfter(place, running, point, way),
    );
    const missed = tried.filter(({ wasHit }) => !wasHit).map(({ label }) => label);
    report(`killed, then ${way.name}`, tried.length - missed.length, known.length, missed);
    expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
    expect(missed.length).toBeLessThanOrEqual(mayMiss(points.length));
  });
});
