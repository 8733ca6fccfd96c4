/** The public promise: these names, and no other; each of them stands in the README. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as config from "../src/config/index.ts";
import * as index from "../src/index.ts";
import * as internal from "../src/internal.ts";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the README's table has the public names, all of them and no other", () => {
  const rows = README.split("\n").filter((line) => line.startsWith("| "));
  const named = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(named.toSorted()).toEqual(Object.keys(index).toSorted());
});

test("what is internal is not public, nor is the config's part of either", () => {
  const names = [index, internal, config].flatMap((module) => Object.keys(module));
  expect(names).toHaveLength(new Set(names).size);
});

test("the README names the rules that say what is secret", () => {
  expect(Object.keys(config)).toContain("secretRulesFor");
  expect(README).toContain("`secretRulesFor`");
});
