import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isFull, LONG } from "./amount.ts";
import { arrange } from "./arranged.ts";
import { keyFlag } from "./fixtures.ts";
import { backupOf } from "./state.ts";

describe("a directory", () => {
  const count = isFull ? 10_000 : 300;

  it(`of ${count} files is rotated whole, or refused whole`, { timeout: LONG }, async () => {
    const arranged = await arrange();
    const { tree, place } = arranged;
    const one = readFileSync(join(tree, "one/config.json"));
    mkdirSync(join(tree, "many"));
    const names = Array.from({ length: count }, (_, index) => `${index}.json`);
    for (const name of names) writeFileSync(join(tree, "many", name), one);
    const argv = ["rotate-key-all", join(tree, "many"), ...keyFlag(tree), "--yes"];
    // One file that no key opens stops all the others.
    const odd = join(tree, "many", "odd.json");
    writeFileSync(
      odd,
      one.toString("utf8").replace(/enc:[^"]*/, (token) => moved(token)),
    );
    expect((await place.run(argv)).status).toBeGreaterThan(3);
    for (const name of names) expect(readFileSync(join(tree, "many", name)).equals(one)).toBe(true);
    rmSync(odd);
    expect(await place.run(argv)).toMatchObject({ status: 0 });
    const found = readdirSync(join(tree, "many"));
    expect(found.filter((name) => name.startsWith("."))).toEqual([]);
    expect(found.filter((name) => backupOf(name) !== undefined)).toHaveLength(count);
    const texts = names.map((name) => readFileSync(join(tree, "many", name)));
    expect(texts.filter((text) => text.equals(one))).toEqual([]);
  });
});

/** A token whose last bit is another one. */
function moved(token: string): string {
  const at = token.length - 10;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}
