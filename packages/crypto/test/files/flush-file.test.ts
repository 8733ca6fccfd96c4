import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { flushFile } from "../../src/files/flush-file.ts";

let directory: string;

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
