import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { isFull, LONG } from "./amount.ts";
import { arrange, expectRefused, look } from "./arranged.ts";
import { keyFlag, paths } from "./fixtures.ts";
import { writeFiles } from "./scenario.ts";
import { rotateKey } from "./scenarios.ts";
import { backupOf, readTree } from "./state.ts";
import { mayMount, missing, mountUntilFinished } from "./surroundings.ts";

const byMount = missing(mayMount, "root that may mount");

describe("a file", () => {
  it.skipIf(byMount !== "")(`${byMount}that is mounted over another one`, async () => {
    const arranged = await arrange();
    const target = join(arranged.tree, "two/.env");
    mountUntilFinished(onTestFinished, "--bind", target, target);
    const ended = await arranged.rotate();
    await expectRefused(arranged, ended, 8);
    expect(ended.stderr).toMatch(/mount/i);
  });

  it("that a symbolic link leads to: the link stays", async () => {
    const arranged = await arrange();
    const { place, tree, rotate } = arranged;
    mkdirSync(join(tree, "real"));
    renameSync(join(tree, "one/config.json"), join(tree, "real/config.json"));
    symlinkSync("../real/config.json", join(tree, "one/config.json"));
    const before = readFileSync(join(tree, "real/config.json"), "utf8");
    expect(await rotate()).toMatchObject({ status: 0 });
    expect(readlinkSync(join(tree, "one/config.json"))).toBe("../real/config.json");
    expect(readFileSync(join(tree, "real/config.json"), "utf8")).not.toBe(before);
    const names = readdirSync(join(tree, "real"));
    expect(names.map((name) => backupOf(name))).toContain("config.json");
    const checked = await place.run(["status", ...paths(tree), ...keyFlag(tree), "--check"]);
    expect(checked).toMatchObject({ status: 0 });
  });

  it("that two names are given for is rotated once", async () => {
    const arranged = await arrange();
    const { place, tree, judge } = arranged;
    const argv = rotateKey.argv(tree);
    const ended = await place.run([...argv, join(tree, "one/../two/.env"), join(tree, "two/.env")]);
    expect(ended).toMatchObject({ status: 0 });
    expect(await judge.whenDone(readTree(tree))).toEqual([]);
  });

  it("with a second hard link is refused", async () => {
    const arranged = await arrange();
    linkSync(join(arranged.tree, "two/.env"), join(arranged.tree, "second-name"));
    const linked = look(arranged.place);
    const ended = await linked.rotate();
    await expectRefused(linked, ended, 8);
    expect(ended.stderr).toMatch(/hard links/);
  });

  it("of another program, whatever its name, is left alone", async () => {
    const arranged = await arrange();
    const { tree, place } = arranged;
    const foreign = {
      "one/.config.json.new": "theirs",
      "one/.config.json.old": "theirs",
      "one/.config.json.pm-12.new": "theirs",
      "one/config.json.tmp": "theirs",
      "one/config.json.backup.20200101_000000": "theirs",
      "two/.env.new": "theirs",
    };
    writeFiles(tree, foreign);
    const ended = await place.run(rotateKey.argv(tree));
    expect(ended).toMatchObject({ status: 0 });
    for (const name of Object.keys(foreign))
      expect(readFileSync(join(tree, name), "utf8")).toBe("theirs");
  });

  it("named as a record that is none stops the run", async () => {
    const arranged = await arrange();
    writeFiles(arranged.tree, { "two/.proxmox-mcp.txn": "theirs" });
    const ended = await arranged.rotate();
    expect(ended.status).toBe(9);
    const tree = readTree(arranged.tree);
    expect((await arranged.judge.atAnyTime(tree)).isOld).toBe(true);
    expect(tree.get("two/.proxmox-mcp.txn")?.bytes.toString()).toBe("theirs");
  });

  const megabytes = isFull ? 50 : 5;

  it(`of ${megabytes} MB`, { timeout: LONG }, async () => {
    const arranged = await arrange();
    const { tree, place } = arranged;
    const path = join(tree, "one/config.json");
    const filler = JSON.stringify(
      Array.from({ length: megabytes }, (_, index) => String(index % 10).repeat(2 ** 20)),
    );
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace("{", () => `{"filler": ${filler},`),
    );
    const large = look(place);
    expect(statSync(path).size).toBeGreaterThan(megabytes * 2 ** 20);
    expect(await large.rotate()).toMatchObject({ status: 0 });
    const text = readFileSync(path, "utf8");
    expect(text.startsWith(`{"filler": ${filler},`)).toBe(true);
    const checked = await place.run(["status", path, ...keyFlag(tree), "--check"]);
    expect(checked).toMatchObject({ status: 0 });
  });
});
