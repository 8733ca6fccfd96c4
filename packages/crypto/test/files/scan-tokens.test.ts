import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mentionsToken, scanTokens } from "../../src/files/index.ts";
import { KEY, opener, sealer, sealerOf } from "../material.ts";
import { failure, useDirectory } from "./harness.ts";

const directory = useDirectory();
const MEBIBYTE = 1024 * 1024;
const PIECE = 64 * 1024;

const one = await sealer.seal("one", "/one");
const two = await sealerOf(KEY, { bound: false }).seal("two", "/two");

function write(content: string | Buffer): string {
  const path = join(directory(), "file");
  writeFileSync(path, content);
  return path;
}

const scan = (content: string | Buffer) => [...scanTokens(write(content))];

describe("scanTokens", () => {
  it("finds the tokens of any text, with their lines", () => {
    expect(scan(`export A='${one}'\n\n<b>${two}</b> ${one}\r\n${two}`)).toEqual([
      { token: one, line: 1 },
      { token: two, line: 3 },
      { token: one, line: 3 },
      { token: two, line: 4 },
    ]);
  });

  it("finds them among bytes that are no text", () => {
    const noise = randomBytes(3 * MEBIBYTE);
    const found = scan(Buffer.concat([noise, Buffer.from(`:${one}:`), noise]));
    expect(found.map(({ token }) => token)).toEqual([one]);
  });

  it.each(["utf16le", "utf-16 the other way round"])("finds them in %s", (encoding) => {
    const bytes = Buffer.from(`\uFEFFA = "${one}"\r\nB = "${two}"\r\n`, "utf16le");
    expect(scan(encoding === "utf16le" ? bytes : bytes.swap16())).toEqual([
      { token: one, line: 1 },
      { token: two, line: 2 },
    ]);
  });

  it.each([PIECE, MEBIBYTE])("misses none that lies across byte %i", (border) => {
    for (let before = 0; before <= one.length + 1; before += 1) {
      const found = scan(`${"\n".repeat(border - before)}${one}\n${two}`);
      const line = border - before + 1;
      expect(found).toEqual([
        { token: one, line },
        { token: two, line: line + 1 },
      ]);
    }
  });

  it("finds a token of many pieces", async () => {
    const long = await sealer.seal("x".repeat(500_000), "/long");
    expect(long.length).toBeGreaterThan(13 * PIECE);
    const [found, ...others] = scan(`first\n${long}\n`);
    expect(others).toEqual([]);
    expect(found).toEqual({ token: long, line: 2 });
    expect((await opener.open(found?.token ?? "", "/long")).plaintext).toHaveLength(500_000);
  });

  it("finds one of a newer version: some key opens it", () => {
    const newer = one.replace(/^enc:[^:]+/, (head) => `${head.slice(0, -2)}I=`);
    expect(scan(newer)).toEqual([{ token: newer, line: 1 }]);
  });

  it("leaves out what only looks like one", () => {
    const texts = [
      "enc:",
      "# enc: begins a token",
      one.slice(0, -5),
      one.toUpperCase(),
      "enc:ZZZZ",
    ];
    expect(scan(texts.join("\n"))).toEqual([]);
    expect(scan("")).toEqual([]);
    expect(scan(`enc:${"A".repeat(3 * MEBIBYTE)}`)).toEqual([]);
  });

  it.each([
    ["in the middle", "\n"],
    ["at the end", ""],
  ])("takes a token that is too long to look into for no absent one: %s", async (_, after) => {
    const [head = ""] = /^enc:[^:]+:/.exec(one) ?? [];
    for (const start of ["enc:", head]) {
      const path = write(`${two}\n${start}Z${"A".repeat(2 * MEBIBYTE)}${after}`);
      const found: string[] = [];
      const error = await failure(() => {
        for (const { token } of scanTokens(path)) found.push(token);
      });
      expect(found).toEqual([two]);
      expect(error).toMatchObject({ code: "FILE_UNREADABLE", where: { file: path, line: 2 } });
      expect(error.message).toMatch(/token of more than 1 MiB/);
    }
  });

  it("draws the line at 1 MiB, wherever in the file a token is", async () => {
    const below = await sealer.seal("x".repeat(589_000), "/long");
    const above = await sealer.seal("x".repeat(590_000), "/long");
    expect(below.length).toBeLessThan(MEBIBYTE);
    expect(above.length).toBeGreaterThan(MEBIBYTE);
    for (const before of [0, 10_000, 40_000]) {
      expect(scan(`${" ".repeat(before)}${below}\n`)).toHaveLength(1);
      const error = await failure(() => scan(`${" ".repeat(before)}${above}\n`));
      expect(error.code).toBe("FILE_UNREADABLE");
    }
  });

  it.skipIf(!existsSync("/proc/self/fd"))("keeps no file open, also when it is left early", () => {
    const path = write(`${one}\n${two}`);
    const isOpen = () =>
      readdirSync("/proc/self/fd").some((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === path;
        } catch {
          return false;
        }
      });
    for (const { token } of scanTokens(path)) {
      expect(token).toBe(one);
      expect(isOpen()).toBe(true);
      break;
    }
    expect(isOpen()).toBe(false);
    expect([...scanTokens(path)]).toHaveLength(2);
    expect(isOpen()).toBe(false);
  });

  it("refuses what is no file, and what is not there", async () => {
    const run = (path: string) => failure(() => [...scanTokens(path)]);
    expect(await run(directory())).toMatchObject({ code: "FILE_NOT_REGULAR" });
    expect(await run(join(directory(), "none"))).toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  it.skipIf(process.platform === "win32")("waits for no pipe", async () => {
    const path = join(directory(), "pipe");
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
    expect(await failure(() => [...scanTokens(path)])).toMatchObject({ code: "FILE_NOT_REGULAR" });
  });
});

describe("mentionsToken", () => {
  it.each([PIECE, MEBIBYTE])("misses no prefix that lies across byte %i", (border) => {
    for (let before = 0; before <= 5; before += 1) {
      expect(mentionsToken(write(`${" ".repeat(border - before)}eNc:`))).toBe(true);
      expect(mentionsToken(write(`${" ".repeat(border - before)}eNc`))).toBe(false);
    }
  });

  it("looks into UTF-16, so that such a config is not passed by", () => {
    expect(mentionsToken(write(Buffer.from('{"a": "enc:x"}', "utf16le")))).toBe(true);
    expect(mentionsToken(write(Buffer.from('{"a": "encoded"}', "utf16le")))).toBe(false);
  });
});
