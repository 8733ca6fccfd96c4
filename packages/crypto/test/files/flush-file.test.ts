import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { flushFile } from "../../src/files/flush-file.ts";
import { asRoot, asUser, sayWhatNeedsRoot } from "./as-user.ts";

let directory: string;

sayWhatNeedsRoot("a file in a directory that may not be listed");

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "proxmox-mcp-flush-")));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test("a file that may only be read can be flushed", () => {
  const path = join(directory, "key");
  writeFileSync(path, "text");
  chmodSync(path, 0o400);
  expect(() => flushFile(path)).not.toThrow();
});

test("a file that is not there cannot", () => {
  const path = join(directory, "key");
  expect(() => flushFile(path)).toThrow(
    expect.objectContaining({ code: "WRITE_FAILED", where: { file: path } }),
  );
});

test.runIf(asRoot)("a file in a directory that may not be listed can be flushed", async () => {
  const path = join(directory, "key");
  writeFileSync(path, "text", { mode: 0o644 });
  chmodSync(directory, 0o711);
  await expect(asUser(1234, 1234, () => flushFile(path))).resolves.toBeUndefined();
});

test.runIf(asRoot)("a file that may not be read cannot, and its owner is to be asked", async () => {
  const path = join(directory, "key");
  writeFileSync(path, "text", { mode: 0o600 });
  chmodSync(directory, 0o711);
  await expect(asUser(1234, 1234, () => flushFile(path))).rejects.toMatchObject({
    code: "WRITE_FAILED",
    message: `cannot write ${path}: permission denied; nothing was changed`,
    where: { file: path },
    hint: `run as a user who may write in ${directory}`,
  });
});
