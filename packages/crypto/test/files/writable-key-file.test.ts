import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isWritableKeyFile } from "../../src/files/index.ts";
import { canDropRoot, useChild, useDirectory } from "./harness.ts";

const directory = useDirectory();
const child = useChild();
const posix = process.platform !== "win32";
const root = process.getuid?.() === 0;
const canMount = root && spawnSync("unshare", ["-m", "true"]).status === 0;
const canFreeze = root && posix && spawnSync("chattr", ["-V"]).error === undefined;

function keyFile(name = "key"): string {
  const path = join(directory(), name);
  writeFileSync(path, "a key", { mode: 0o600 });
  return path;
}

describe("isWritableKeyFile", () => {
  it("is a file in a directory of ours, by its path or by a link", () => {
    const path = keyFile();
    expect(isWritableKeyFile(path)).toBe(true);
    if (!posix) return;
    mkdirSync(join(directory(), "links"));
    symlinkSync(path, join(directory(), "links", "key"));
    expect(isWritableKeyFile(join(directory(), "links", "key"))).toBe(true);
  });

  it("is no file that is missing, and no directory", () => {
    expect(isWritableKeyFile(join(directory(), "absent"))).toBe(false);
    expect(isWritableKeyFile(directory())).toBe(false);
  });

  it.runIf(posix)("is nothing that is not a regular file", () => {
    spawnSync("mkfifo", [join(directory(), "pipe")]);
    expect(isWritableKeyFile(join(directory(), "pipe"))).toBe(false);
    expect(isWritableKeyFile("/dev/null")).toBe(false);
  });

  it.runIf(posix)("is nothing that Kubernetes mounts, flat or in a directory of the mount", () => {
    const stamp = join(directory(), "..2026_01_31_12_00_00.1234");
    mkdirSync(join(stamp, "sub"), { recursive: true });
    keyFile("..2026_01_31_12_00_00.1234/key");
    keyFile("..2026_01_31_12_00_00.1234/sub/key");
    symlinkSync("..2026_01_31_12_00_00.1234", join(directory(), "..data"));
    symlinkSync("..data/key", join(directory(), "key"));
    symlinkSync("..data/sub", join(directory(), "sub"));
    expect(isWritableKeyFile(join(directory(), "key"))).toBe(false);
    expect(isWritableKeyFile(join(directory(), "sub", "key"))).toBe(false);
  });

  it.runIf(posix && canDropRoot).each([
    ["a file that it may not write", 0o644, 0o777, false],
    ["a directory that it may not write in", 0o666, 0o755, false],
    ["a file that it may not read", 0o622, 0o777, false],
    ["both open to it", 0o666, 0o777, true],
  ])("asks as this user: %s", (_, file, around, expected) => {
    const path = keyFile();
    if (root) chownSync(path, 0, 0);
    chmodSync(path, file);
    chmodSync(directory(), around);
    const answer = child.run({ do: "is-writable-key", path }, { ordinaryUser: true });
    expect(answer.value).toBe(root ? expected : true);
  });

  it.runIf(canMount)("is no file that is mounted over another, from whatever file system", () => {
    const source = keyFile("source");
    for (const name of ["key", "with white space\\and more"]) {
      const path = keyFile(name);
      const mountedOver: [string, string] = [source, path];
      expect(child.run({ do: "is-writable-key", path }, { mountedOver }).value).toBe(false);
      expect(child.run({ do: "is-writable-key", path: source }, { mountedOver }).value).toBe(true);
    }
    const path = keyFile("from elsewhere");
    const mountedOver: [string, string] = ["/proc/version", path];
    expect(child.run({ do: "is-writable-key", path }, { mountedOver }).value).toBe(false);
  });

  it.runIf(canFreeze)("is no file that is immutable, nor one in an immutable directory", () => {
    const path = keyFile();
    for (const frozen of [path, directory()]) {
      if (spawnSync("chattr", ["+i", frozen]).status !== 0) continue;
      expect(isWritableKeyFile(path)).toBe(false);
      spawnSync("chattr", ["-i", frozen]);
      expect(isWritableKeyFile(path)).toBe(true);
    }
  });
});
