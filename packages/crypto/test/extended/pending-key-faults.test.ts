/**
 * Writes a pending key under strace: what is flushed, and what is there after a kill at any call.
 * Needs Linux and Debian's strace.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { findPendingKeys, pendingKeyPath, writePendingKey } from "../../src/files/index.ts";
import { formatKeyText } from "../../src/key/key-text.ts";
import { type Job, names, useChild, useDirectory } from "../files/harness.ts";
import { exampleKey } from "../material.ts";
import { numbered, runWithFaults, traceable } from "./faults.ts";

const directory = useDirectory();
const child = useChild();
const OLD = exampleKey("old");
const NEW = exampleKey("new");
const KEYS = { active: OLD, successor: NEW, retired: [] };

function place() {
  return { env: {}, home: directory() };
}

function writing(): Job {
  return { do: "write-pending-key", home: directory(), text: formatKeyText(KEYS) };
}

function startAnew(): void {
  rmSync(join(directory(), ".local"), { recursive: true, force: true });
}

/** The paths that a run flushes. */
function flushed(): string[] {
  const trace = join(directory(), "trace");
  const options = ["-f", "-qq", "-y", "-e", "trace=fsync", "-o", trace];
  const { status } = spawnSync("strace", [...options, ...child.argv(writing())]);
  expect(status).toBe(0);
  const calls = readFileSync(trace, "utf8").matchAll(/fsync\(\d+<(.+)>\) += 0/g);
  return [...calls].map(([, path = ""]) => path);
}

describe.runIf(traceable)("a pending key", () => {
  it("is flushed with every name that leads to it, by the run after a dead one too", () => {
    const path = pendingKeyPath(place(), NEW.id ?? "");
    const state = dirname(path);
    const above = [directory(), dirname(dirname(state)), dirname(state), state, path];
    for (const _ of ["first run", "second run"]) {
      expect(flushed()).toEqual(expect.arrayContaining(above));
    }
  });

  it("is there wholly or not at all when its writer was killed, and the next one closes", async () => {
    const { calls } = runWithFaults(child, writing());
    const path = pendingKeyPath(place(), NEW.id ?? "");
    expect(calls.length).toBeGreaterThan(10);
    for (const [call, when] of numbered(calls)) {
      startAnew();
      runWithFaults(child, writing(), `${call}:signal=KILL:when=${when}`);
      expect(findPendingKeys(place(), OLD)?.path ?? path).toBe(path);
      const { keys } = await writePendingKey(place(), KEYS);
      expect(keys.successor.equals(NEW)).toBe(true);
      expect(names(dirname(path))).toEqual([`pending-${NEW.id}`]);
    }
  });

  it("is told to be missing where nothing can be flushed", () => {
    startAnew();
    const { answer } = runWithFaults(child, writing(), "fsync:error=EIO:when=1");
    expect(answer?.code).toBe("WRITE_FAILED");
    expect(findPendingKeys(place(), OLD)).toBeUndefined();
  });
});
