import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { objectsOf, readObjects, stagedFiles } from "../../src/files/git-index.ts";
import { refusal } from "../refusal.ts";
import { useDirectory } from "./harness.ts";

const directory = useDirectory();
const signal = new AbortController().signal;
const HERE = process.cwd();

/** Git as on a machine where nobody has set anything. */
function surroundings(more: Record<string, string> = {}) {
  const { PATH = "" } = process.env;
  const env = { PATH, HOME: directory(), GIT_CONFIG_NOSYSTEM: "1", ...more };
  return { env, signal };
}

function git(...args: string[]): string {
  const identity = ["-c", "user.name=you", "-c", "user.email=you@example.com"];
  const { env } = surroundings();
  return execFileSync("git", [...identity, ...args], { env, encoding: "utf8", stdio: "pipe" });
}

async function staged(): Promise<Record<string, string>> {
  const files = await stagedFiles(surroundings());
  const objects = readObjects(
    files.map(({ object }) => object),
    100,
    surroundings(),
  );
  const found: Record<string, string> = {};
  for (const { path } of files) {
    const { value } = await objects.next();
    found[path] = String(value);
  }
  return found;
}

describe("the index of git", () => {
  beforeEach(() => {
    process.chdir(directory());
    git("init", "--quiet");
  });
  afterEach(() => process.chdir(HERE));

  it("is what is read, before the first commit and after it, and not the work tree", async () => {
    writeFileSync("a", "staged");
    git("add", "a");
    writeFileSync("a", "changed later");
    writeFileSync("b", "not staged");
    expect(await staged()).toEqual({ a: "staged" });
    git("commit", "--quiet", "-m", "one");
    expect(await staged()).toEqual({});
    git("add", "a");
    expect(await staged()).toEqual({ a: "changed later" });
  });

  it("holds names of any kind, from any directory, whatever the settings are", async () => {
    const names = ["line\nfeed", "ä", 'quo"te', " blank", "-dash", "deep/er"];
    mkdirSync("deep");
    for (const name of names) writeFileSync(name, `in ${name}`);
    git("add", "--", ...names);
    git("config", "diff.relative", "true");
    git("config", "diff.noprefix", "true");
    git("config", "diff.renames", "copies");
    git("config", "core.quotePath", "true");
    process.chdir("deep");
    expect(await staged()).toEqual(Object.fromEntries(names.map((name) => [name, `in ${name}`])));
  });

  it("gives new names of old files, and neither links nor what is deleted", async () => {
    writeFileSync("old", "text");
    writeFileSync("gone", "text of another file");
    writeFileSync("becomes-file", "x");
    rmSync("becomes-file");
    symlinkSync("old", "becomes-file");
    git("add", "-A");
    git("commit", "--quiet", "-m", "one");
    git("mv", "old", "new");
    git("rm", "--quiet", "gone");
    rmSync("becomes-file");
    writeFileSync("becomes-file", "a file now");
    symlinkSync("new", "link");
    git("add", "-A");
    expect(await staged()).toEqual({ new: "text", "becomes-file": "a file now" });
  });

  it("gives large contents by their size alone, and what is missing by nothing", async () => {
    writeFileSync("large", "x".repeat(101));
    writeFileSync("small", "x".repeat(100));
    git("add", "-A");
    const found: unknown[] = [];
    for await (const object of readObjects(
      [":large", ":none", ":small", ":deep/none"],
      100,
      surroundings(),
    )) {
      found.push(object);
    }
    expect(found).toEqual(["too large", undefined, Buffer.from("x".repeat(100)), undefined]);
  });

  it("is refused outside of a repository", async () => {
    rmSync(join(directory(), ".git"), { recursive: true });
    const { message } = await refusal("FILE_NOT_FOUND", () => stagedFiles(surroundings()));
    expect(message).toBe("this directory is in no git repository");
  });

  it("is refused without git, and where git has its own doubts", async () => {
    const none = await refusal("FILE_NOT_FOUND", () =>
      stagedFiles(surroundings({ PATH: "/none" })),
    );
    expect(none.message).toBe("git cannot be started: no such file or directory");
    writeFileSync(join(directory(), ".git/config"), "[nonsense");
    const { message } = await refusal("FILE_UNREADABLE", () => stagedFiles(surroundings()));
    expect(message).toMatch(/git rev-parse ended with status 128: fatal: bad config/);
  });

  it("is refused where git goes before it has given the contents, or is gone by then", async () => {
    const bin = join(directory(), "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "git"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    const early = await refusal("FILE_UNREADABLE", () =>
      readObjects([":a"], 9, surroundings({ PATH: bin })).next(),
    );
    expect(early.message).toBe("what is staged cannot be read: git cat-file ended too early");
    expect(early.hint).toBe("see what `git status` says, or name the files to scan");
    const none = await refusal("FILE_NOT_FOUND", () =>
      readObjects([":a"], 9, surroundings({ PATH: "/none" })).next(),
    );
    expect(none.message).toBe("git cannot be started: no such file or directory");
    expect(none.hint).toBe("install git, or name the files to scan");
  });

  it("is refused with the command that failed, whatever git said of it", async () => {
    const bin = join(directory(), "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "git"), '#!/bin/sh\n[ "$1" = rev-parse ]\n', { mode: 0o755 });
    const { message } = await refusal("FILE_UNREADABLE", () =>
      stagedFiles(surroundings({ PATH: bin })),
    );
    expect(message).toBe("what is staged cannot be read: git diff ended with status 1");
  });

  it("ends at a signal", async () => {
    const stopped = { ...surroundings(), signal: AbortSignal.abort() };
    await refusal("INTERRUPTED", () => stagedFiles(stopped));
    await refusal("INTERRUPTED", () => readObjects([":a"], 9, stopped).next());
  });
});

describe("what git prints of many contents", () => {
  const content = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes));

  it("is taken apart however it comes in pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(content, { nil: undefined })),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (contents, lengths) => {
          const all = Buffer.concat(
            contents.flatMap((bytes) =>
              bytes === undefined
                ? [Buffer.from(":none missing\n")]
                : [
                    Buffer.from(`${"0a".repeat(20)} blob ${bytes.length}\n`),
                    bytes,
                    Buffer.from("\n"),
                  ],
            ),
          );
          const found: unknown[] = [];
          for await (const object of objectsOf(pieces(all, lengths), 20)) found.push(object);
          const expected = contents.map((bytes) =>
            bytes !== undefined && bytes.length > 20 ? "too large" : bytes,
          );
          expect(found).toEqual(expected);
        },
      ),
    );
  });
});

async function* pieces(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (let turn = 0; start < bytes.length; turn += 1) {
    const end = start + (lengths[turn % lengths.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}
