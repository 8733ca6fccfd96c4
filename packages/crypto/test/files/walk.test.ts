import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type FindOptions,
  findBackups,
  findConfigFiles,
  findEveryFile,
  findLeftovers,
  findLinks,
  findMisnamed,
  findPassedBy,
  findRunDirectories,
  isConfigName,
  type PassedByOptions,
} from "../../src/files/index.ts";
import { canDropRoot, failure, useChild, useDirectory } from "./harness.ts";

const directory = useDirectory();
const child = useChild();

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(directory(), path)), { recursive: true });
    writeFileSync(join(directory(), path), "");
  }
}

function below(path: string): string {
  return relative(directory(), path).replaceAll("\\", "/");
}

async function found(options?: FindOptions): Promise<string[]> {
  return (await findConfigFiles(directory(), options)).map(below);
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
      ".env.backup.20260131_120000",
      ".proxmox-mcp.lock",
      ".a.json.pm-0123456789abcdef.new",
      "..env.pm-0123456789abcdef.old",
    );
    // What only resembles our names is somebody's file.
    const others = [
      ".env.backup.20261399_000000",
      ".env.pm-x.json",
      ".proxmox-mcp.x.json",
      "a.backup.20260131.json",
      "a.json.backup.20260131_120000.json",
    ];
    write("config.json", "my.config.example.json", "nodemodules/a.json", ...others);
    expect(await found()).toEqual([
      ...others,
      "config.json",
      "my.config.example.json",
      "nodemodules/a.json",
    ]);
  });

  it("looks into directories that are called like backups", async () => {
    const files = ["a.json.backup.20260131_120000/a.json", "prod.backup.d/a.json"];
    write(...files);
    expect(await found()).toEqual(files);
    expect(await found({ include: ["*.json"] })).toEqual(files);
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

describe("findConfigFiles with globs", () => {
  const files = [".env", "a.json", "b.conf", "site/a.json", "site/deep/c.conf", "site/deep/d.yml"];

  it.each<[string, FindOptions, string[]]>([
    ["everything by default", {}, [".env", "a.json", "site/a.json", "site/deep/d.yml"]],
    ["nothing below, if told so", { recursive: false }, [".env", "a.json"]],
    ["other names at any depth", { include: ["*.conf"] }, ["b.conf", "site/deep/c.conf"]],
    ["other names, at the top", { include: ["/*.conf"] }, ["b.conf"]],
    ["other names, nothing below", { include: ["*.conf"], recursive: false }, ["b.conf"]],
    ["a path", { include: ["site/*.json"] }, ["site/a.json"]],
    ["a path at any depth", { include: ["**/deep/*"] }, ["site/deep/c.conf", "site/deep/d.yml"]],
    ["one of several", { include: ["*.yml", "b.*"] }, ["b.conf", "site/deep/d.yml"]],
    ["names that begin with a dot", { include: ["*e*v"] }, [".env"]],
    ["nothing, if nothing is included", { include: [] }, []],
    ["all but some", { exclude: ["a.json"] }, [".env", "site/deep/d.yml"]],
    ["all but one path", { exclude: ["site/a.json"] }, [".env", "a.json", "site/deep/d.yml"]],
    [
      "all but one at the top",
      { exclude: ["/a.json"] },
      [".env", "site/a.json", "site/deep/d.yml"],
    ],
    ["all but a directory", { exclude: ["site"] }, [".env", "a.json"]],
    ["all but a directory, written as one", { exclude: ["site/"] }, [".env", "a.json"]],
    ["all but what is in a directory", { exclude: ["site/**"] }, [".env", "a.json"]],
    ["all but a directory below", { exclude: ["deep"] }, [".env", "a.json", "site/a.json"]],
    [
      "what is included and not excluded",
      { include: ["*.json", "*.conf"], exclude: ["deep"] },
      ["a.json", "b.conf", "site/a.json"],
    ],
  ])("finds %s", async (_, options, expected) => {
    write(...files);
    expect(await found(options)).toEqual(expected);
  });

  it("takes examples if they are included, but never what is nobody's config", async () => {
    write(
      "config.example.json",
      "node_modules/a.json",
      ".git/a.json",
      "a.json.backup.20260131_120000",
      ".proxmox-mcp.txn",
      ".a.json.pm-0123456789abcdef.new",
    );
    expect(await found({ include: ["**", "*", ".*"] })).toEqual(["config.example.json"]);
  });

  it.each(["", "/"])("refuses %j, which is no glob", async (glob) => {
    for (const options of [{ include: [glob] }, { exclude: ["*.json", glob] }]) {
      const error = await failure(() => findConfigFiles(directory(), options));
      expect(error).toMatchObject({
        code: "USAGE",
        message: `"${glob}" is no pattern for files`,
      });
    }
  });
});

describe("findPassedBy", () => {
  const passedBy = async (options?: PassedByOptions) =>
    (await findPassedBy(directory(), options)).map(({ path, why }) => [below(path), why]);

  beforeEach(() => {
    write(
      ".env",
      "a.json",
      "a.json.backup.20260131_120000",
      "config.example.json",
      "config.example.txt",
      "config.example/a.json",
      "config.examples.d/node_modules/a.json",
      "notes.txt",
      "site/.a.json.pm-0123456789abcdef.new",
      "site/a.json",
      "site/config.example.yaml",
    );
  });
  const examples = [
    ["config.example.json", "example"],
    ["config.example/a.json", "example"],
    ["site/config.example.yaml", "example"],
  ];

  it("finds examples, and nothing else where nothing is excluded", async () => {
    expect(await passedBy()).toEqual(examples);
    expect(await passedBy({ recursive: false })).toEqual(examples.slice(0, 1));
    expect(await passedBy({ include: ["*.json"] })).toEqual([]);
  });

  it("finds what is excluded by itself, but not what is in an excluded directory", async () => {
    expect(await passedBy({ exclude: ["a.json", "*.txt"] })).toEqual([
      ["a.json", "excluded"],
      ...examples.slice(0, 2),
      ["site/a.json", "excluded"],
      ...examples.slice(2),
    ]);
    expect(await passedBy({ exclude: ["site"] })).toEqual(examples.slice(0, 2));
    expect(await passedBy({ include: ["*.txt"], exclude: ["notes.*"] })).toEqual([
      ["notes.txt", "excluded"],
    ]);
  });

  it.skipIf(process.platform === "win32")("finds links in the place of files", async () => {
    symlinkSync("nowhere", join(directory(), "site/b.json"));
    symlinkSync("../a.json", join(directory(), "site/config.example.json"));
    symlinkSync("site", join(directory(), "c.json"));
    expect(await passedBy({ links: true, exclude: ["b.*", "c.*"] })).toEqual([
      ["c.json", "excluded"],
      ["site/b.json", "excluded"],
      ["site/config.example.json", "example"],
    ]);
    expect(await passedBy({ links: true, exclude: ["site"] })).toEqual([]);
  });
});

describe("findEveryFile", () => {
  it("finds whatever the name is, sorted, backups among them", () => {
    const files = [
      ".env",
      "a.json",
      "a.json.backup.20260131_120000",
      "b/c/notes",
      "b/.git/.proxmox-mcp.txn",
      "b/.git/a.json",
      "b/config.example.json",
      "b/image.png",
      "node_modules/a.json",
    ].sort();
    write(...[...files].reverse());
    write(".proxmox-mcp.lock", ".proxmox-mcp.txn", "b/.a.json.pm-0123456789abcdef.old");
    expect(findEveryFile(directory()).map(below)).toEqual(files);
  });

  it.skipIf(process.platform === "win32")("takes regular files alone, and follows no links", () => {
    write("real/a");
    symlinkSync("real", join(directory(), "linked"));
    symlinkSync("real/a", join(directory(), "b"));
    expect(spawnSync("mkfifo", [join(directory(), "pipe")]).status).toBe(0);
    expect(findEveryFile(directory()).map(below)).toEqual(["real/a"]);
  });

  it("tells a directory that is missing", async () => {
    expect(await failure(() => findEveryFile(join(directory(), "absent")))).toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });
});

describe("findBackups", () => {
  const backups = (options?: Pick<FindOptions, "recursive">) =>
    findBackups(directory(), options).map(({ path, target, stamp }) => [
      below(path),
      below(target),
      stamp,
    ]);

  it("finds every backup with its file and its stamp, whether the file is there or not", () => {
    write(
      "a.json",
      "a.json.backup.20260131_120001",
      "a.json.backup.20260131_120000",
      "site/.env.backup.20250131_120000",
      "a.json.backup.20261399_000000",
      "a.json.backup.old",
      "node_modules/a.json.backup.20260131_120000",
      ".git/a.json.backup.20260131_120000",
    );
    mkdirSync(join(directory(), "b.json.backup.20260131_120000"));
    expect(backups()).toEqual([
      ["a.json.backup.20260131_120000", "a.json", "20260131_120000"],
      ["a.json.backup.20260131_120001", "a.json", "20260131_120001"],
      ["site/.env.backup.20250131_120000", "site/.env", "20250131_120000"],
    ]);
    expect(backups({ recursive: false })).toHaveLength(2);
  });

  it("tells a directory that is missing", async () => {
    expect(await failure(() => findBackups(join(directory(), "absent")))).toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });
});

describe.runIf(process.platform === "linux")("a name that is no UTF-8", () => {
  /** What the name of something begins with, before a byte that is no UTF-8. */
  const misnamed = (name: string, end = ".json") =>
    Buffer.concat([Buffer.from(join(directory(), name)), Buffer.from([0xff]), Buffer.from(end)]);
  const shown = "bad\uFFFD.json";

  it("of a config is refused, wherever it is, with the way out", async () => {
    write("a.json", "site/b.json");
    writeFileSync(misnamed("site/bad"), "");
    const path = join(directory(), "site", shown);
    expect(await failure(() => findConfigFiles(directory()))).toMatchObject({
      code: "FILE_UNREADABLE",
      message: `cannot open ${path}: its name is not UTF-8`,
      where: { file: path },
      hint: "rename it, or move it out of the directory",
    });
    expect(await found({ exclude: ["site"] })).toEqual(["a.json"]);
  });

  it("of a directory is refused by every search", async () => {
    mkdirSync(misnamed("bad", ""));
    for (const search of [findConfigFiles, findEveryFile, findMisnamed, findBackups]) {
      const error = await failure(() => search(directory()));
      expect(error).toMatchObject({
        code: "FILE_UNREADABLE",
        where: { file: join(directory(), "bad\uFFFD") },
      });
    }
    expect(await found({ recursive: false })).toEqual([]);
  });

  it("is left out of every file, and has a list of its own, links among it", async () => {
    write("a.json");
    writeFileSync(misnamed("bad"), "");
    symlinkSync("a.json", misnamed("link"));
    symlinkSync("a.json", join(directory(), "good"));
    expect(findEveryFile(directory()).map(below)).toEqual(["a.json"]);
    expect((await findLinks(directory())).map(below)).toEqual(["good"]);
    expect(findMisnamed(directory()).map(below)).toEqual([shown, "link\uFFFD.json"]);
  });
});

describe("findLeftovers", () => {
  it("finds records and temporary files at any depth, but no locks and nothing of others", () => {
    const left = [
      ".config.json.pm-0123456789abcdef.new",
      ".proxmox-mcp.txn",
      "a/b/..env.pm-0123456789abcdef.old",
    ];
    write(...left);
    write(
      "config.json",
      ".proxmox-mcp.lock",
      "node_modules/.proxmox-mcp.txn",
      ".git/.proxmox-mcp.txn",
    );
    expect(findLeftovers(directory()).map(below)).toEqual(left);
  });
});

describe("findRunDirectories", () => {
  it("finds each directory with a lock or a leftover once", () => {
    write(
      "a/.proxmox-mcp.lock",
      "a/.proxmox-mcp.txn",
      "b/c/.x.pm-0123456789abcdef.old",
      "d/x.json",
    );
    write("node_modules/.proxmox-mcp.lock");
    expect(findRunDirectories(directory()).map(below)).toEqual(["a", "b/c"]);
  });
});

describe.skipIf(process.platform === "win32")("findLinks", () => {
  it("finds links wherever they lead, and no files", async () => {
    write("config.json", "real/a.json", "node_modules/b");
    symlinkSync("../config.json", join(directory(), "real/to-file"));
    symlinkSync("real", join(directory(), "to-directory"));
    symlinkSync("nowhere", join(directory(), "to-nothing"));
    symlinkSync("b", join(directory(), "node_modules/passed-by"));
    expect((await findLinks(directory())).map(below)).toEqual([
      "real/to-file",
      "to-directory",
      "to-nothing",
    ]);
  });
});

it("knows the names of configs", () => {
  const names = ["a.json", "a.yaml", "a.yml", ".env", ".env.local", "prod.env"];
  expect(names.filter(isConfigName)).toEqual(names);
  expect(["a.txt", "env", "a.json5", "json"].filter(isConfigName)).toEqual([]);
});
