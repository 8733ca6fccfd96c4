/** Who may have written what a run acts on: a pure question of user numbers. */
import { describe, expect, it } from "vitest";
import { isOurs, isTrusted } from "../../src/files/writer.ts";
import { asRoot, asUser, sayWhatNeedsRoot } from "./as-user.ts";

const ROOT = { uid: 0 };
const ME = { uid: 1234 };
const OWNER = { uid: 4321 };
const STRANGER = { uid: 65534 };

sayWhatNeedsRoot("whose files a run acts on");

describe.runIf(asRoot)("a user who is not root", () => {
  it("has files of its own, and no others", async () => {
    expect(await asUser(ME.uid, ME.uid, () => [ME, ROOT, STRANGER].map(isOurs))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("trusts what is its own, root's, or the owner's, and nobody else's", async () => {
    const trusted = await asUser(ME.uid, ME.uid, () =>
      [ME, ROOT, OWNER, STRANGER].map((writer) => isTrusted(writer, OWNER)),
    );
    expect(trusted).toEqual([true, true, true, false]);
  });

  it("trusts no stranger where nobody else could have done the same", async () => {
    const trusted = await asUser(ME.uid, ME.uid, () =>
      [ME, ROOT, OWNER].map((writer) => isTrusted(writer, undefined)),
    );
    expect(trusted).toEqual([true, true, false]);
  });
});

describe.runIf(asRoot)("root", () => {
  it("acts for the user whose home it was told", () => {
    expect([ROOT, ME, STRANGER].map(isOurs)).toEqual([true, true, true]);
  });

  it("trusts nobody for that: only itself, and who could have done the same", () => {
    const writers = [ROOT, OWNER, STRANGER];
    expect(writers.map((writer) => isTrusted(writer, OWNER))).toEqual([true, true, false]);
    expect(writers.map((writer) => isTrusted(writer, undefined))).toEqual([true, false, false]);
  });
});

describe("a system without owners", () => {
  const { geteuid } = process;

  it.runIf(geteuid === undefined)("counts all as our own", () => {
    expect(isOurs(STRANGER)).toBe(true);
    expect(isTrusted(STRANGER, undefined)).toBe(true);
  });
});

it("its own user is always one of those who are trusted", () => {
  const uid = process.geteuid?.() ?? 0;
  expect(isOurs({ uid })).toBe(true);
  expect(isTrusted({ uid }, undefined)).toBe(true);
});
