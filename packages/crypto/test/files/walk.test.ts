import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { findConfigFiles } from "../../src/files/index.ts";
import { canDropRoot, failure, useChild, useDirectory } from "./harness.ts";

const directory = useDirectory();
const child = useChild();

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(directory(), path)), { recursive: true });
    writeFileSync(join(directory(), path), "");
  }
}

async function found(): Promise<string[]> {
  const paths = await findConfigFiles(directory());
  return paths.map((path) => relative(directory(), path).replaceAll("\\", "/"));
}

describe("findConfigFiles", () => {
  it("finds every kind of config file at any depth, sorted", async () => {
    const files = [".env", ".env.local", "a.json", "b/c/d.yml", "b/e.yaml", "b.json", "prod.env"];
    write(...[...files].reverse());
    write("readme.md", "a.json5", "env", "b/c/json", "A.JSON.txt");
    expect(await found()).toEqual([...files].sort());
  });

  it("passes by examples, backups, dependencies and our own files", async () => {
    write(
      "config.example.json",
      "config.example/a.json",
      "node_modules/a/package.json",
      "deep/node_modules/a.json",
      ".git/config.json",
      "a.json.backup.20260131_120000",
      "a.backup.20260131.json",
      ".proxmox-mcp.lock",
      ".proxmox-mcp.x.json",
      ".a.json.pm-0123456789abcdef.new",
      "..env.pm-0123456789abcdef.old",
      ".env.pm-x.json",
    );
    write("config.json", "my.config.example.json", "nodemodules/a.json");
    expect(await found()).toEqual(["config.json", "my.config.example.json", "nodemodules/a.json"]);
  });

  it.skipIf(process.platform === "win32")("follows no links", async () => {
    write("real/a.json");
    symlinkSync("real", join(directory(), "linked"));
    symlinkSync("real/a.json", join(directory(), "b.json"));
    symlinkSync("..", join(directory(), "real/up"));
    expect(await found()).toEqual(["real/a.json"]);
  });

  it("finds nothing in an empty directory, and takes no directory for a file", async () => {
    mkdirSync(join(directory(), "a.json"));
    expect(await found()).toEqual([]);
  });

  it("tells a directory that is missing, and one that is a file", async () => {
    write("a.json");
    const absent = join(directory(), "absent");
    expect(await failure(() => findConfigFiles(absent))).toMatchObject({
      code: "FILE_NOT_FOUND",
      message: `directory not found: ${absent}`,
    });
    const file = join(directory(), "a.json");
    expect(await failure(() => findConfigFiles(file))).toMatchObject({
      code: "FILE_NOT_REGULAR",
      message: `${file} is not a directory`,
    });
  });

  it.runIf(canDropRoot && process.platform !== "win32")("fails where it cannot look", () => {
    write("a.json");
    const closed = join(directory(), "closed");
    mkdirSync(closed, { mode: process.getuid?.() === 0 ? 0o700 : 0o000 });
    const answer = child.run({ do: "find", directory: directory() }, { ordinaryUser: true });
    expect(answer).toMatchObject({
      code: "FILE_UNREADABLE",
      message: `cannot list ${closed}: permission denied`,
    });
  });
});

it("says why a directory cannot be listed", async () => {
  const name = join(directory(), "x".repeat(300));
  expect(await failure(() => findConfigFiles(name))).toMatchObject({ code: "FILE_UNREADABLE" });
});
