/**
 * Four processes at a time rotate, encrypt and set on files that they share, from two directories.
 * With `--mode full` so many rounds that a quiet machine with two cores works for about a minute, else a
 * few.
 */
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findProgram } from "../programs.ts";
import { isFull, LONG, report } from "./amount.ts";
import { jsonConfig, keyFlag, PLAIN, paths, writeEncrypted } from "./fixtures.ts";
import { createPlaces, type Place } from "./place.ts";
import type { Ended } from "./program.ts";
import { mustRun, writeFiles } from "./scenario.ts";
import { createTextOpener, isLeftover, keysOf, readTree } from "./state.ts";

const ROUNDS = isFull ? 200 : 4;

interface Worker {
  readonly from: "here" | "elsewhere";
  readonly argv: (round: number) => readonly string[];
  readonly input?: (round: number) => string;
  readonly prepare?: (round: number) => void;
  readonly succeeded?: (round: number) => void;
}

async function work(place: Place, worker: Worker): Promise<readonly Ended[]> {
  const all: Ended[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    worker.prepare?.(round);
    const input = worker.input?.(round);
    const ended = await place.run(worker.argv(round), { from: worker.from, input });
    if (ended.status === 0) worker.succeeded?.(round);
    all.push(ended);
  }
  return all;
}

const needsFlock =
  findProgram("flock") === undefined ? "FAULT SUITE NOT RUN: it needs flock: " : "";

it.skipIf(needsFlock !== "")(
  `${needsFlock}four processes on shared files lose nothing`,
  { timeout: LONG },
  async () => {
    const [place] = createPlaces(1, onTestFinished);
    if (place === undefined) throw new RangeError("no place");
    const { tree } = place;
    await writeEncrypted(place);
    const key = keyFlag(tree);
    const firstKeys = keysOf(readTree(tree));
    // What each file must open to in the end: each field has one writer.
    const expected = new Map<string, string>(Object.entries(PLAIN));
    const secretOf = (name: string, round: number) =>
      `${name}-${String(round).padStart(4, "0")}-0123456789abcdef`;

    const workers: readonly Worker[] = [
      {
        from: "here",
        argv: () => ["rotate-key", ...paths(tree), ...key, "--yes"],
      },
      {
        from: "elsewhere",
        argv: () => ["rotate-key-all", join(tree, "two"), join(tree, "one"), ...key, "--yes"],
      },
      {
        from: "here",
        argv: () => ["set", join(tree, "one/config.json"), "/auth/token_value", ...key],
        input: (round) => secretOf("set", round),
        succeeded: (round) => expected.set("one/config.json", jsonConfig(secretOf("set", round))),
      },
      {
        from: "elsewhere",
        prepare: (round) => {
          writeFiles(tree, { [`one/plain-${round}.json`]: jsonConfig(secretOf("plain", round)) });
          expected.set(`one/plain-${round}.json`, jsonConfig(secretOf("plain", round)));
        },
        argv: (round) => ["encrypt", join(tree, `one/plain-${round}.json`), "--in-place", ...key],
      },
    ];
    const ended = (await Promise.all(workers.map((worker) => work(place, worker)))).flat();

    const done = ended.filter(({ status }) => status === 0).length;
    report("four processes", done, ended.length, []);
    const unclear = ended.filter(({ status }) => status !== 0 && status !== 8 && status !== 10);
    expect(unclear).toEqual([]);
    expect(done).toBeGreaterThan(0);
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Whoever lost against a rotation tries again.
      const path = join(tree, `one/plain-${round}.json`);
      await mustRun(place, ["encrypt", path, "--in-place", ...key]);
    }
    const found = readTree(tree);
    const keys = keysOf(found);
    expect(firstKeys.every((old) => keys.some((other) => other.equals(old)))).toBe(true);
    const opener = createTextOpener();
    for (const [path, plain] of expected) {
      const text = found.get(path)?.bytes.toString("utf8") ?? "";
      expect([path, (await opener.open(path, text, keys)).plain]).toEqual([path, plain]);
      expect(text).not.toMatch(/0123456789abcdef/);
    }
    expect([...found.keys()].filter(isLeftover)).toEqual([]);
  },
);
