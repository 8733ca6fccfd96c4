import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  exceedsConfig,
  isDirectory,
  mentionsToken,
  pathExists,
  readTextFile,
  resolveTarget,
} from "../../src/files/index.ts";
import { canDropRoot, failure, useChild, useDirectory } from "./harness.ts";

const directory = useDirectory();
const child = useChild();
const posix = process.platform !== "win32";

function write(name: string, content: string | Buffer): string {
  const path = join(directory(), name);
  writeFileSync(path, content);
  return path;
}

describe("readTextFile", () => {
  it("gives the text with its byte order mark, the hash of the bytes and the stat", () => {
    const content = '\uFEFF{"häuser": "🏠"}\r\n';
    const path = write("config.json", content);
    const file = readTextFile(path);
    expect(file.text).toBe(content);
    expect(file.hash).toBe(createHash("sha256").update(content).digest("hex"));
    expect(file).toMatchObject({
      path,
      target: path,
      stat: { nlink: 1 },
    });
    if (posix) expect(file.stat.mode & 0o700).toBe(0o600);
    expect(Object.keys(file)).not.toContain("bytes");
  });

  it.runIf(posix)("names the real file behind links, and the path as it was given", () => {
    const path = write("config.json", "{}");
    symlinkSync("config.json", join(directory(), "link"));
    symlinkSync("link", join(directory(), "link-to-link"));
    const file = readTextFile(join(directory(), "link-to-link"));
    expect(file.path).toBe(join(directory(), "link-to-link"));
    expect(file.target).toBe(path);
    expect(resolveTarget(file.path)).toBe(path);
  });

  it("reads more than the size that the file system tells", () => {
    if (!pathExists("/proc/self/status")) return;
    expect(readTextFile("/proc/self/status").text).toContain("Name:");
  });

  it("tells a missing file", async () => {
    const path = join(directory(), "absent.json");
    const error = await failure(() => readTextFile(path));
    expect(error).toMatchObject({ code: "FILE_NOT_FOUND", where: { file: path } });
    expect(error.message).toBe(`Config file not found: ${path}`);
  });

  it.runIf(posix)("tells a link that leads nowhere, and one that leads to itself", async () => {
    symlinkSync("absent", join(directory(), "dangling"));
    symlinkSync("circle", join(directory(), "circle"));
    const dangling = await failure(() => readTextFile(join(directory(), "dangling")));
    expect(dangling.code).toBe("FILE_NOT_FOUND");
    const circle = await failure(() => readTextFile(join(directory(), "circle")));
    expect(circle.code).toBe("FILE_UNREADABLE");
    expect(circle.message).toContain("too many symbolic links");
  });

  it("tells a directory", async () => {
    const error = await failure(() => readTextFile(directory()));
    expect(error).toMatchObject({ code: "FILE_NOT_REGULAR", hint: "name a file in it" });
    expect(error.message).toBe(`${directory()} is a directory`);
  });

  it("tells a path below a file", async () => {
    const path = join(write("config.json", "{}"), "below");
    const error = await failure(() => readTextFile(path));
    expect(error.message).toMatch(posix ? /a part of its path is not a directory/ : /not found/);
  });

  it.runIf(posix)("refuses a pipe that nobody writes to, without waiting for one", async () => {
    const path = join(directory(), "pipe");
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
    const error = await failure(() => readTextFile(path));
    expect(error.code).toBe("FILE_NOT_REGULAR");
    expect(error.message).toContain("not a regular file");
  });

  it.runIf(posix)("refuses a socket and a device", async () => {
    const path = join(directory(), "socket");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect((await failure(() => readTextFile(path))).code).toBe("FILE_NOT_REGULAR");
    await new Promise((resolve) => server.close(resolve));
    expect((await failure(() => readTextFile("/dev/zero"))).code).toBe("FILE_NOT_REGULAR");
  });

  it.runIf(posix && canDropRoot)("tells a file that it may not read", () => {
    const path = write("config.json", "{}");
    spawnSync("chmod", ["000", path]);
    const answer = child.run({ do: "read", path }, { ordinaryUser: true });
    expect(answer).toMatchObject({
      code: "FILE_UNREADABLE",
      message: `cannot read ${path}: permission denied`,
    });
  });

  it("tells an empty file", async () => {
    const path = write("config.json", "");
    const error = await failure(() => readTextFile(path));
    expect(error).toMatchObject({ code: "FILE_EMPTY", message: `${path} is empty` });
  });

  it("tells a file beyond the limit, and reads one that just fits", async () => {
    const path = write("config.json", "12345");
    expect(readTextFile(path, { maxBytes: 5 }).text).toBe("12345");
    const error = await failure(() => readTextFile(path, { maxBytes: 4 }));
    expect(error).toMatchObject({
      code: "FILE_UNREADABLE",
      message: `${path} is larger than 4 bytes`,
    });
  });

  it("tells a binary file", async () => {
    const path = write("config.json", Buffer.from("abc\0def"));
    const error = await failure(() => readTextFile(path));
    expect(error).toMatchObject({
      code: "FILE_NOT_TEXT",
      message: `${path} looks binary: byte 4 of 7 is NUL`,
    });
  });

  it.each(["fffe7b00", "feff007b"])("tells UTF-16 (%s)", async (hex) => {
    const path = write("config.json", Buffer.from(hex, "hex"));
    const error = await failure(() => readTextFile(path));
    expect(error.code).toBe("FILE_NOT_TEXT");
    expect(error.message).toContain("UTF-16");
    expect(error.hint).toContain("UTF-8");
  });

  it.each([
    ["a byte of Latin-1", Buffer.from("a: 1\nb: ä🏠üx"), Buffer.from([0xe9]), 2, 9],
    ["a continuation without a start", Buffer.from(""), Buffer.from([0x80]), 1, 1],
    ["a character cut off at the end", Buffer.from("ab\n"), Buffer.from([0xef, 0xbf]), 2, 1],
    ["an overlong spelling", Buffer.from("é"), Buffer.from([0xc0, 0xaf]), 1, 2],
    ["a surrogate", Buffer.from("\n\n"), Buffer.from([0xed, 0xa0, 0x80]), 3, 1],
  ])("places %s", async (_, good, bad, line, column) => {
    const path = write("config.yaml", Buffer.concat([good, bad]));
    const error = await failure(() => readTextFile(path));
    expect(error.code).toBe("FILE_NOT_TEXT");
    expect(error.where).toEqual({ file: path, line, column });
    expect(error.message).toBe(`${path} is not UTF-8: byte ${good.length + 1} is wrong`);
  });
});

describe("pathExists and isDirectory", () => {
  it("tell files, directories and nothing apart", () => {
    const path = write("config.json", "{}");
    mkdirSync(join(directory(), "below"));
    expect([path, join(directory(), "below"), join(directory(), "absent")].map(pathExists)).toEqual(
      [true, true, false],
    );
    expect(
      [path, join(directory(), "below"), join(directory(), "absent"), join(path, "x")].map(
        isDirectory,
      ),
    ).toEqual([false, true, false, false]);
  });
});

it("exceedsConfig tells a file of more than 256 MiB", () => {
  const path = write("config.json", "");
  const exceeds = [0, 1].map((more) => {
    truncateSync(path, 256 * 1024 * 1024 + more);
    return exceedsConfig(path);
  });
  expect([...exceeds, exceedsConfig(join(directory(), "absent"))]).toEqual([false, true, false]);
});

describe("mentionsToken", () => {
  it.each([
    ['{"a": "enc:x"}', true],
    ["ENC: in any case, in text of any kind", true],
    ['{"a": "encoded"}', false],
    ["", false],
  ])("of %j is %s", (content, expected) => {
    expect(mentionsToken(write("file", content))).toBe(expected);
  });

  it("looks into binary files", () => {
    expect(mentionsToken(write("file", Buffer.from([0, 0xff, ...Buffer.from("eNc:")])))).toBe(true);
  });
});
