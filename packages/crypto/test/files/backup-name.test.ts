import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  backupPath,
  freeStamp,
  parseBackupName,
  stampOf,
  stampTime,
} from "../../src/files/backup-name.ts";

const NOON = new Date("2026-01-31T12:00:00.750Z");

const second = fc
  .date({ min: new Date("1970-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z") })
  .filter((date) => !Number.isNaN(date.getTime()));

describe("a stamp", () => {
  it("is a second in UTC, wherever the machine is", () => {
    expect(stampOf(NOON)).toBe("20260131_120000");
    expect(stampTime("20260131_120000")).toEqual(new Date("2026-01-31T12:00:00Z"));
  });

  it("reads back, and sorts as time goes", () => {
    fc.assert(
      fc.property(second, second, (one, two) => {
        const whole = (date: Date) => Math.floor(date.getTime() / 1000);
        expect(stampTime(stampOf(one))?.getTime()).toBe(whole(one) * 1000);
        expect(stampOf(one) < stampOf(two)).toBe(whole(one) < whole(two));
      }),
    );
  });

  it.each([
    "20260230_120000",
    "20261301_120000",
    "20260131_240000",
    "20260131_126000",
    "20260131-120000",
    "2026013_120000",
    "now",
    "",
  ])("is no %j", (stamp) => {
    expect(stampTime(stamp)).toBeUndefined();
  });
});

describe("the name of a backup", () => {
  it("is that of its file with the stamp", () => {
    expect(backupPath("/etc/pve/config.json", "20260131_120000")).toBe(
      "/etc/pve/config.json.backup.20260131_120000",
    );
  });

  it("reads back, whatever the file is called", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary" }), second, (file, date) => {
        const stamp = stampOf(date);
        expect(parseBackupName(backupPath(file, stamp))).toEqual({ file, stamp });
      }),
    );
  });

  it("of a backup of a backup says what it is a backup of", () => {
    expect(parseBackupName("a.backup.20260131_120000.backup.20260201_120000")).toEqual({
      file: "a.backup.20260131_120000",
      stamp: "20260201_120000",
    });
  });

  it.each([
    "config.json",
    ".backup.20260131_120000",
    "a.json.backup.20260131",
    "a.json.backup.20260131_120000.gz",
    "a.json.backup.20261331_120000",
    "a.json.backup.20260131_120000\n",
    "a.json-backup-20260131_120000",
  ])("is no %j", (name) => {
    expect(parseBackupName(name)).toBeUndefined();
  });
});

describe("the stamp of a run", () => {
  const targets = ["/a/one.json", "/b/two.yaml"];
  const takenBy = (...paths: string[]) => {
    const taken = new Set(paths);
    return (path: string) => taken.has(path);
  };

  it("is the present second where nobody has been", () => {
    expect(freeStamp(targets, NOON, takenBy())).toBe("20260131_120000");
    expect(freeStamp([], NOON, () => true)).toBe("20260131_120000");
  });

  it("is the first second in which no target's name is taken", () => {
    const isTaken = takenBy(
      "/a/one.json.backup.20260131_120000",
      "/b/two.yaml.backup.20260131_120001",
      "/b/two.yaml.backup.20260131_120003",
    );
    expect(freeStamp(targets, NOON, isTaken)).toBe("20260131_120002");
    expect(freeStamp(["/a/one.json"], NOON, isTaken)).toBe("20260131_120001");
    expect(freeStamp(["/c/one.json"], NOON, isTaken)).toBe("20260131_120000");
  });

  it("goes on over midnight and the end of a year", () => {
    const last = new Date("2026-12-31T23:59:59Z");
    expect(freeStamp(["/a"], last, takenBy("/a.backup.20261231_235959"))).toBe("20270101_000000");
  });
});
