import { expect, test } from "vitest";
import { createCurrent } from "../../src/runtime/current.ts";
import type { OpenDeployment } from "../../src/runtime/deployment.ts";

interface Opened extends OpenDeployment {
  readonly closed: () => number;
}

function open(failure?: Error): Opened {
  let closed = 0;
  return {
    config: {} as OpenDeployment["config"],
    api: { call: () => Promise.resolve() },
    closed: () => closed,
    close: async () => {
      closed += 1;
      if (failure !== undefined) throw failure;
    },
  };
}

test("a deployment that was replaced is closed when the last call has released it", () => {
  const [first, second] = [open(), open()];
  const current = createCurrent(first, () => {});
  const [one, two] = [current.acquire(), current.acquire()];
  current.replace(second);
  expect(current.acquire().deployment).toBe(second);
  expect(one.deployment).toBe(first);
  one.release();
  one.release();
  expect(first.closed()).toBe(0);
  two.release();
  expect(first.closed()).toBe(1);
  expect(second.closed()).toBe(0);
});

test("one that nobody holds is closed at once", () => {
  const first = open();
  const current = createCurrent(first, () => {});
  current.acquire().release();
  current.replace(open());
  expect(first.closed()).toBe(1);
});

test("the end closes the last one, and waits for those that are being closed", async () => {
  const [first, second] = [open(), open()];
  const current = createCurrent(first, () => {});
  const lease = current.acquire();
  current.replace(second);
  await current.close();
  expect(second.closed()).toBe(1);
  lease.release();
  expect(first.closed()).toBe(1);
});

test("a failure to close is logged, and stops nothing", async () => {
  const log: unknown[] = [];
  const current = createCurrent(open(new Error("reset")), (level) => log.push(level));
  current.replace(open());
  await current.close();
  expect(log).toEqual(["warn"]);
});

test("a part of the server that fails at a new config keeps no other from taking it", () => {
  const log: unknown[] = [];
  const current = createCurrent(open(), (level) => log.push(level));
  current.onReplaced(() => {
    throw new Error("refused");
  });
  const taken: unknown[] = [];
  current.onReplaced(({ config }) => taken.push(config));
  const next = open();
  current.replace(next);
  expect(taken).toEqual([next.config]);
  expect(log).toEqual(["error"]);
});
