import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTokenBuckets } from "../../src/http/token-bucket.ts";

function buckets(entries = 100) {
  let time = 0;
  const { take, charge } = createTokenBuckets(entries, () => time);
  return {
    take,
    charge,
    pass(milliseconds: number) {
      time += milliseconds;
    },
  };
}

function takeMany(take: () => { allowed: boolean }, times: number): number {
  return Array.from({ length: times }, take).filter(({ allowed }) => allowed).length;
}

describe("a bucket", () => {
  test("is full at first, and fills up again over a minute", () => {
    const { take, pass } = buckets();
    const one = () => take("a", 60);
    expect(takeMany(one, 100)).toBe(60);
    pass(1000);
    expect(takeMany(one, 100)).toBe(1);
    pass(3_600_000);
    expect(takeMany(one, 100)).toBe(60);
  });

  test("says in whole seconds when the next token is there, and it is", () => {
    const { take, pass } = buckets();
    takeMany(() => take("a", 7), 7);
    expect(take("a", 7)).toEqual({ allowed: false, retryAfter: 9 });
    pass(8_500);
    expect(take("a", 7)).toEqual({ allowed: false, retryAfter: 1 });
    pass(100);
    expect(take("a", 7)).toEqual({ allowed: true });
  });

  test("is each client's own", () => {
    const { take } = buckets();
    expect(takeMany(() => take("a", 3), 9)).toBe(3);
    expect(takeMany(() => take("b", 3), 9)).toBe(3);
    expect(takeMany(() => take("__proto__", 3), 9)).toBe(3);
    expect(takeMany(() => take("constructor", 3), 9)).toBe(3);
  });

  test("takes another rate at once, and never holds more than that", () => {
    const { take } = buckets();
    take("a", 1000);
    expect(takeMany(() => take("a", 5), 100)).toBe(5);
  });

  test("refuses for as long as a charge takes to be made up for, and no longer than two minutes", () => {
    const { take, charge, pass } = buckets();
    takeMany(() => take("a", 600), 600);
    charge("a", 59, 600);
    expect(take("a", 600)).toEqual({ allowed: false, retryAfter: 6 });
    for (let times = 0; times < 10_000; times += 1) charge("a", 59, 600);
    expect(take("a", 600)).toEqual({ allowed: false, retryAfter: 61 });
    pass(61_000);
    expect(take("a", 600)).toEqual({ allowed: true });
  });
});

test("clients beyond the bound push out the one that was not seen for longest", () => {
  let time = 0;
  const table = createTokenBuckets(2, () => time);
  table.take("a", 1);
  table.take("b", 1);
  expect(table.take("a", 1).allowed).toBe(false);
  time += 1;
  table.take("c", 1);
  expect(table.take("a", 1).allowed).toBe(false);
  expect(table.take("b", 1).allowed).toBe(true);
  table.take("d", 1);
  expect(table.take("a", 1).allowed).toBe(true);
});

describe("whatever is asked, and whenever", () => {
  const steps = fc.array(
    fc.record({
      wait: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 0, max: 120_000 }),
        fc.double({ min: 0, max: 5, noNaN: true }),
      ),
      client: fc.constantFrom("a", "b"),
      charge: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined, freq: 4 }),
    }),
    { maxLength: 200 },
  );

  test("no client gets more in any time than its bucket and what flows in", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), steps, (perMinute, asked) => {
        const { take, charge, pass } = buckets();
        let time = 0;
        const taken: Record<"a" | "b", number[]> = { a: [], b: [] };
        for (const { wait, client, charge: tokens } of asked) {
          pass(wait);
          time += wait;
          if (tokens !== undefined) charge(client, tokens, perMinute);
          else if (take(client, perMinute).allowed) taken[client as "a" | "b"].push(time);
        }
        for (const times of Object.values(taken)) {
          times.forEach((from, first) => {
            times.slice(first).forEach((to, more) => {
              const most = perMinute + ((to - from) * perMinute) / 60_000;
              expect(more + 1).toBeLessThanOrEqual(most + 1e-6);
            });
          });
        }
      }),
    );
  });

  test("rounding of times makes nobody wait twice", () => {
    let now = 0.000004914505552733318;
    const buckets = createTokenBuckets(10, () => now);
    expect(buckets.take("a", 1)).toEqual({ allowed: true });
    expect(buckets.take("a", 1)).toEqual({ allowed: false, retryAfter: 60 });
    now += 60_000;
    expect(buckets.take("a", 1)).toEqual({ allowed: true });
  });

  test("who waits as long as it was told is answered, and that is two minutes at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), steps, (perMinute, asked) => {
        const { take, charge, pass } = buckets();
        for (const { wait, client, charge: tokens } of asked) {
          pass(wait);
          if (tokens !== undefined) charge(client, tokens, perMinute);
          const taken = take(client, perMinute);
          if (taken.allowed) continue;
          expect(taken.retryAfter).toBeGreaterThanOrEqual(1);
          expect(taken.retryAfter).toBeLessThanOrEqual(120);
          expect(Number.isInteger(taken.retryAfter)).toBe(true);
          pass(taken.retryAfter * 1000);
          expect(take(client, perMinute)).toEqual({ allowed: true });
        }
      }),
    );
  });
});
