import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFile, readTextFile, replaceFile } from "../../src/files/index.ts";
import { isOwnName } from "../../src/files/names.ts";
import { failure, names, useDirectory } from "./harness.ts";

const directory = useDirectory();
const ID = "0123456789abcdef";

function write(name: string, text = ""): string {
  const path = join(directory(), name);
  writeFileSync(path, text);
  return path;
}

async function writeSomething(): Promise<void> {
  await createFile({ path: join(directory(), "out"), data: "new", mode: 0o600 });
}

describe("what a dead run left in a directory", () => {
  it("goes when the next one writes there", async () => {
    write("config.json", "kept");
    write(`.config.json.pm-${ID}.new`);
    write(`.config.json.pm-${ID}.old`);
    write(`.never-created.pm-${ID}.new`);
    await writeSomething();
    expect(names(directory())).toEqual(["config.json", "out"]);
    expect(readFileSync(join(directory(), "config.json"), "utf8")).toBe("kept");
  });

  it("goes also when a file there is replaced", async () => {
    const target = write("config.json", "old");
    write(`.config.json.pm-${ID}.new`);
    await replaceFile({ target, expectedHash: readTextFile(target).hash, data: "new" });
    expect(names(directory())).toEqual(["config.json"]);
  });

  it("stays where it is the only copy of a text", async () => {
    write(`.config.json.pm-${ID}.old`, "the only copy");
    await writeSomething();
    expect(names(directory())).toEqual([`.config.json.pm-${ID}.old`, "out"]);
  });

  it("is only what has exactly our names and is a regular file", async () => {
    const kept = [
      `.config.json.pm-${ID}.new.txt`,
      `.config.json.pm-${ID.slice(1)}.new`,
      `.config.json.pm-${ID.toUpperCase()}.new`,
      `.config.json.pm-${ID}.tmp`,
      `.pm-${ID}.new`,
      `config.json.pm-${ID}.new`,
    ];
    for (const name of kept) write(name);
    mkdirSync(join(directory(), `.directory.pm-${ID}.new`));
    if (process.platform !== "win32") symlinkSync("out", join(directory(), `.link.pm-${ID}.new`));
    const before = names(directory());
    await writeSomething();
    expect(names(directory())).toEqual([...before, "out"].sort());
  });
});

describe("a record of an unfinished transaction", () => {
  it("stops every write in its directory, and nothing is touched", async () => {
    const target = write("config.json", "old");
    const record = write(".proxmox-mcp.txn", "of a later version");
    write(`.config.json.pm-${ID}.new`, "waiting");
    const before = names(directory());
    for (const work of [
      writeSomething,
      () => replaceFile({ target, expectedHash: readTextFile(target).hash, data: "new" }),
    ]) {
      const error = await failure(work);
      expect(error).toMatchObject({ code: "NOT_CLOSED", where: { file: record } });
      expect(error.message).toContain("nothing was changed");
      expect(names(directory())).toEqual(before);
    }
  });
});

describe("isOwnName", () => {
  it("knows every name that a run may leave", () => {
    const own = [
      ".proxmox-mcp.lock",
      ".proxmox-mcp.txn",
      `.config.json.pm-${ID}.new`,
      `..env.pm-${ID}.old`,
    ];
    expect(own.filter(isOwnName)).toEqual(own);
    expect(
      ["config.json", ".env", ".env.pm", "a.pm-b.new", ".proxmox_mcp_key"].filter(isOwnName),
    ).toEqual([]);
  });
});
