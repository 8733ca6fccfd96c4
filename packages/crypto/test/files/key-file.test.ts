import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  createKeyFile,
  lockDirectories,
  planKeyFile,
  replaceKeyFile,
} from "../../src/files/index.ts";
import { readKeyFile } from "../../src/files/key-file.ts";
import { formatKeyText } from "../../src/key/key-text.ts";
import { exampleKey, keysOf } from "../material.ts";
import { canDropRoot, failure, mode, names, useChild, useDirectory } from "./harness.ts";

const directory = useDirectory();
const child = useChild();
const posix = process.platform !== "win32";
const root = process.getuid?.() === 0;
const KEY = `${"EXAMPLE_KEY_".repeat(3)}EXAMPLE=\n`;

function keyFile(bits = 0o600, content: string | Buffer = KEY, name = "key"): string {
  const path = join(directory(), name);
  writeFileSync(path, content);
  chmodSync(path, bits);
  return path;
}

describe("createKeyFile", () => {
  it.runIf(posix).each(["000", "077"])(
    "makes a file for its owner alone under umask %s",
    (umask) => {
      const path = join(directory(), ".proxmox_mcp_key");
      expect(child.run({ do: "create-key", path, text: KEY }, { umask })).toEqual({ ok: true });
      expect(readFileSync(path, "utf8")).toBe(KEY);
      expect(mode(path)).toBe("600");
      expect(names(directory())).toEqual([".proxmox_mcp_key"]);
    },
  );

  it("never touches one that is there, and names rotate-key", async () => {
    const path = keyFile(0o600, "the only key");
    const error = await failure(() => createKeyFile(path, KEY));
    expect(error).toMatchObject({ code: "KEY_FILE_EXISTS", where: { file: path } });
    expect(error.message).toBe(`key file ${path} exists already; nothing was written`);
    expect(error.hint).toContain("proxmox-mcp-encrypt rotate-key");
    expect(readFileSync(path, "utf8")).toBe("the only key");
    expect(names(directory())).toEqual(["key"]);
  });

  it("tells a directory that is missing, without the key", async () => {
    const error = await failure(() => createKeyFile(join(directory(), "absent", "key"), KEY));
    expect(error.code).toBe("WRITE_FAILED");
    expect(JSON.stringify([error.message, error.hint, error.where])).not.toContain("EXAMPLE_KEY");
  });
});

describe("replaceKeyFile", () => {
  const OLD = exampleKey("old");
  const NEW = exampleKey("new");
  const RETIRED = exampleKey("retired");
  const before = keysOf(OLD, RETIRED);
  const after = { active: OLD, successor: NEW, retired: [RETIRED] };
  const commented = `${OLD.reveal()} # since 2024\n${RETIRED.reveal()}\n`;

  it("writes exactly the new keys, without the comments of the old text", async () => {
    const path = keyFile(0o600, commented);
    await replaceKeyFile(path, before, after);
    expect(readFileSync(path, "utf8")).toBe(formatKeyText(after));
    if (posix) expect(mode(path)).toBe("600");
    expect(names(directory())).toEqual(["key"]);
  });

  it.runIf(posix).each([
    [0o644, "640"],
    [0o660, "640"],
    [0o604, "600"],
    [0o400, "600"],
  ])(
    "closes a file of mode %o to all but its owner and its group's readers",
    async (bits, then) => {
      const path = keyFile(bits, commented);
      await replaceKeyFile(path, before, after);
      expect(mode(path)).toBe(then);
    },
  );

  it.runIf(posix)("keeps a link to the file", async () => {
    const path = keyFile(0o600, commented);
    mkdirSync(join(directory(), "links"));
    const link = join(directory(), "links", "key");
    symlinkSync(path, link);
    await replaceKeyFile(link, before, after);
    expect(readFileSync(path, "utf8")).toBe(formatKeyText(after));
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(names(join(directory(), "links"))).toEqual(["key"]);
  });

  it("leaves a file that holds other keys by now", async () => {
    for (const keys of [keysOf(OLD), keysOf(RETIRED, OLD), keysOf(NEW)]) {
      const path = keyFile(0o600, formatKeyText(keys));
      const error = await failure(() => replaceKeyFile(path, before, after));
      expect(error).toMatchObject({ code: "FILE_CHANGED", where: { file: path } });
      expect(readFileSync(path, "utf8")).toBe(formatKeyText(keys));
      expect(names(directory())).toEqual(["key"]);
    }
  });

  it("works under a lock that the caller holds, and under no other one", async () => {
    const path = keyFile(0o600, commented);
    const locks = await lockDirectories([directory()], "rotate-key");
    try {
      expect((await failure(() => replaceKeyFile(path, before, after))).code).toBe("LOCKED");
      await replaceKeyFile(path, before, after, locks);
    } finally {
      locks.release();
    }
    expect(readFileSync(path, "utf8")).toBe(formatKeyText(after));
  });

  it("accepts no text with other keys, other roles or another order", async () => {
    const path = keyFile(0o600, commented);
    const { verify } = await planKeyFile(path, before, after).make();
    expect(() => verify?.(formatKeyText(after))).not.toThrow();
    for (const keys of [
      keysOf(OLD),
      keysOf(OLD, NEW, RETIRED),
      { ...after, active: NEW, successor: OLD },
      { ...after, retired: [RETIRED, exampleKey("another")] },
    ]) {
      const error = await failure(() => verify?.(formatKeyText(keys)));
      expect(error).toMatchObject({ code: "WRITE_FAILED", where: { file: path } });
      expect(error.message).not.toContain(NEW.reveal().slice(0, 8));
    }
  });
});

describe("readKeyFile", () => {
  it("gives the text as it stands", () => {
    expect(readKeyFile(keyFile())).toEqual({ text: KEY, warnings: [] });
    expect(readKeyFile(keyFile(0o400))).toEqual({ text: KEY, warnings: [] });
  });

  it.each([
    ["nothing", ""],
    ["white space", " \r\n\t\n"],
  ])("refuses a file of %s", async (_, content) => {
    const path = keyFile(0o600, content);
    const error = await failure(() => readKeyFile(path));
    expect(error).toMatchObject({
      code: "KEY_EMPTY",
      message: `key file ${path} holds no key: it is empty`,
      where: { file: path },
    });
  });

  it("tells a missing file, and how to make one", async () => {
    const path = join(directory(), "absent");
    const error = await failure(() => readKeyFile(path));
    expect(error).toMatchObject({ code: "KEY_UNREADABLE", message: `key file not found: ${path}` });
    expect(error.hint).toContain(`generate-key -o ${path}`);
  });

  it("tells a directory", async () => {
    const error = await failure(() => readKeyFile(directory()));
    expect(error).toMatchObject({
      code: "KEY_UNREADABLE",
      message: `key file ${directory()} is a directory`,
    });
  });

  it.each([
    ["NUL bytes", Buffer.from(`${KEY}\0`)],
    ["bytes that are not UTF-8", Buffer.from([0xff, 0x80, 0x41])],
  ])("refuses %s without showing any", async (_, content) => {
    const path = keyFile(0o600, content);
    const error = await failure(() => readKeyFile(path));
    expect(error).toMatchObject({
      code: "KEY_UNREADABLE",
      message: `key file ${path} is not text`,
    });
  });

  it("refuses what is too large to be a key", async () => {
    const error = await failure(() => readKeyFile(keyFile(0o600, "A".repeat(65_537))));
    expect(error.code).toBe("KEY_UNREADABLE");
    expect(error.message).toContain("larger than 65536 bytes");
  });

  it.runIf(posix && canDropRoot)("tells a file that it may not read", () => {
    const path = keyFile(0o000);
    const answer = child.run({ do: "read-key", path }, { ordinaryUser: true });
    expect(answer.code).toBe("KEY_UNREADABLE");
    expect(answer.message).toContain(`cannot read ${path}: permission denied`);
  });

  it.runIf(posix).each([
    [0o640, "its group (mode 640)"],
    [0o644, "everybody (mode 644)"],
    [0o604, "everybody (mode 604)"],
    [0o620, "its group (mode 620)"],
  ])("warns of mode %o", (bits, words) => {
    const path = keyFile(bits);
    const { text, warnings } = readKeyFile(path);
    expect(text).toBe(KEY);
    expect(warnings).toEqual([`key file ${path} is open to ${words}: chmod 600 ${path}`]);
  });

  it.runIf(posix)("accepts what Kubernetes mounts for a group, and nothing looser", () => {
    mkdirSync(join(directory(), "..2026_01_31_12_00_00.1234"));
    symlinkSync("..2026_01_31_12_00_00.1234", join(directory(), "..data"));
    symlinkSync("..data/key", join(directory(), "key"));
    const path = join(directory(), "key");
    keyFile(0o600, KEY, "..data/key");
    for (const [bits, warned] of [
      [0o440, false],
      [0o640, false],
      [0o660, true],
      [0o644, true],
    ] as const) {
      chmodSync(path, bits);
      expect(readKeyFile(path).warnings.length > 0).toBe(warned);
    }
  });

  it.runIf(root && canDropRoot)("accepts a file of root that this user reads as its group", () => {
    const path = keyFile(0o440);
    chownSync(path, 0, 65534);
    const answer = child.run({ do: "read-key", path }, { ordinaryUser: true });
    expect(answer.value).toEqual({ text: KEY, warnings: [] });
  });
});
