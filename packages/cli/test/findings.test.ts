import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import type { FileStatus, StatusField } from "../src/file-status.ts";
import { type FindingRules, findingsOf } from "../src/findings.ts";

const NOW = new Date("2024-03-02T01:00:00Z");
const DAY = 24 * 60 * 60_000;
const rules: FindingRules = { now: NOW, maxAge: undefined, requireBound: false };

function ageOf(milliseconds: number): Date {
  return new Date(NOW.getTime() - milliseconds);
}

function field(state: StatusField["state"], more: Partial<StatusField> = {}): StatusField {
  const claimedAt =
    state === "bound" || state === "unbound" || state === "legacy" ? NOW : undefined;
  return { location: "/auth/token_value", line: 1, column: 1, state, claimedAt, ...more };
}

function file(
  secrets: readonly StatusField[],
  lookalikes: readonly StatusField[] = [],
): FileStatus {
  return { file: "config.json", format: "json", secrets, lookalikes, warning: undefined };
}

function kinds(found: StatusField, changed: Partial<FindingRules> = {}): readonly string[] {
  return findingsOf([file([found])], { ...rules, ...changed }).map(({ kind }) => kind);
}

describe("a state", () => {
  test.each([
    ["plain", ["plain"], ["plain"]],
    ["plain-default", ["plain-default"], ["plain-default"]],
    ["not-a-string", ["not-a-string"], ["not-a-string"]],
    ["placeholder", [], []],
    ["legacy", [], ["not-bound"]],
    ["unbound", [], ["not-bound"]],
    ["bound", [], []],
    ["malformed", ["unopened"], ["unopened"]],
    ["newer", ["unopened"], ["unopened"]],
  ] as const)("%s", (state, always, whereBoundIsRequired) => {
    expect(kinds(field(state))).toEqual(always);
    expect(kinds(field(state), { requireBound: true })).toEqual(whereBoundIsRequired);
  });
});

describe("an age", () => {
  test.each([
    ["younger than allowed", 89 * DAY, []],
    ["exactly as allowed", 90 * DAY, []],
    ["older by a second", 90 * DAY + 1000, ["too-old"]],
    ["of a clock that runs a little ahead", -4 * 60_000, []],
    ["of a time that lies ahead", -DAY, ["too-old"]],
  ])("%s", (_, milliseconds, expected) => {
    const found = field("bound", { claimedAt: ageOf(milliseconds) });
    expect(kinds(found, { maxAge: 90 * DAY })).toEqual(expected);
    expect(kinds(found)).toEqual([]);
  });

  test("that a token does not tell counts as too old", () => {
    expect(kinds(field("bound", { claimedAt: undefined }), { maxAge: DAY })).toEqual(["too-old"]);
  });

  test("is no matter of values that were never sealed", () => {
    expect(kinds(field("placeholder"), { maxAge: DAY })).toEqual([]);
  });
});

test("a token that cannot be opened is named with its code", () => {
  const problem = new ProxmoxMcpError("NO_KEY_OPENS", "the key is another one");
  expect(findingsOf([file([field("bound", { problem })])], rules)).toEqual([
    { file: "config.json", location: "/auth/token_value", kind: "unopened", code: "NO_KEY_OPENS" },
  ]);
});

test("one field may have several findings", () => {
  const problem = new ProxmoxMcpError("NO_KEY_OPENS", "the key is another one");
  const found = field("unbound", { problem, claimedAt: ageOf(2 * DAY) });
  expect(kinds(found, { requireBound: true, maxAge: DAY })).toEqual([
    "unopened",
    "not-bound",
    "too-old",
  ]);
});

test("values that look like secrets are findings, after the fields of their file", () => {
  const lookalike = field("plain", { location: "/notify/webhook_token" });
  expect(findingsOf([file([field("plain")], [lookalike]), file([])], rules)).toEqual([
    { file: "config.json", location: "/auth/token_value", kind: "plain" },
    { file: "config.json", location: "/notify/webhook_token", kind: "secret-looking" },
  ]);
});

test("a master key beside the secrets is a finding of its own kind", () => {
  const key = field("master-key", { location: "/master_key" });
  expect(findingsOf([file([], [key])], rules)).toEqual([
    { file: "config.json", location: "/master_key", kind: "master-key" },
  ]);
});
