/** Whose day is asked for, and what a day says. */
import { describe, expect, test } from "vitest";
import { candidatesOf, MAX_CANDIDATES } from "../../src/analysis/optimization/candidates.ts";
import { dayLoad } from "../../src/analysis/optimization/day-load.ts";
import type { LoadPoint } from "../../src/proxmox/guest.ts";
import type { GuestResource } from "../../src/proxmox/resources.ts";

const GIB = 1024 ** 3;

const guest = (vmid: number, details: Partial<GuestResource> = {}): GuestResource => ({
  type: "qemu",
  vmid,
  node: "pve1",
  status: "running",
  template: false,
  cpu: 0.3,
  mem: 4 * GIB,
  maxmem: 8 * GIB,
  ...details,
});
const many = (count: number, from: number, details: Partial<GuestResource>): GuestResource[] =>
  Array.from({ length: count }, (_, index) => guest(from + index, details));
const IDLE = { cpu: 0.001 };
const SHORT = { mem: 7.9 * GIB };

describe("the guests whose day is asked for", () => {
  test("are those that look idle or short of something", () => {
    const { chosen, left } = candidatesOf([
      guest(100),
      guest(101, IDLE),
      guest(102, SHORT),
      guest(103, { ...IDLE, status: "stopped" }),
      guest(104, { ...IDLE, template: true }),
    ]);
    expect(chosen.map(({ vmid }) => vmid)).toEqual([102, 101]);
    expect(left).toBe(0);
  });

  test.each([
    { idle: 100, short: 100, chosenShort: 25, left: 150 },
    { idle: 10, short: 100, chosenShort: 40, left: 60 },
    { idle: 100, short: 10, chosenShort: 10, left: 60 },
  ])("share fifty places: $idle idle, $short short", ({ idle, short, chosenShort, left }) => {
    const candidates = candidatesOf([...many(idle, 1000, IDLE), ...many(short, 5000, SHORT)]);
    expect(candidates.chosen).toHaveLength(MAX_CANDIDATES);
    expect(candidates.chosen.filter(({ vmid }) => vmid >= 5000)).toHaveLength(chosenShort);
    expect(candidates.left).toBe(left);
  });

  test("are the largest", () => {
    const { chosen } = candidatesOf([
      ...many(60, 1000, IDLE),
      guest(9, { ...IDLE, maxmem: 99 * GIB }),
    ]);
    expect(chosen[0]?.vmid).toBe(9);
    expect(chosen.at(-1)?.vmid).toBe(1048);
  });
});

describe("a day", () => {
  const points = (hours: number, details: Partial<LoadPoint> = {}): LoadPoint[] =>
    Array.from({ length: hours * 2 }, (_, index) => ({
      time: index * 1800,
      cpu: 0.1,
      mem: 2 * GIB,
      maxmem: 8 * GIB,
      ...details,
    }));

  test("is an average and a peak", () => {
    const [first, ...others] = points(24);
    const busy = { ...first, time: 0, cpu: 0.9 };
    expect(dayLoad([...others, busy])).toMatchObject({
      cpuPeak: 0.9,
      memoryAverage: 0.25,
      memoryPeak: 0.25,
      hours: 24,
    });
    expect(dayLoad([...others, busy])?.cpuAverage).toBeCloseTo(0.1 + 0.8 / 48);
  });

  test("of a guest that ran for a part of it says nothing", () => {
    const idle = points(24, { cpu: undefined, mem: undefined });
    expect(dayLoad([...points(24).slice(0, 20), ...idle.slice(20)])).toBeUndefined();
    expect(dayLoad(points(19))).toBeUndefined();
    expect(dayLoad([])).toBeUndefined();
  });
});
