/** A disk that is full. Needs root and Linux, for a small file system of its own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { kindsOf, openAudited, verify } from "./audited.ts";

const directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-disk-"));
const mount = () =>
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", directory]).status === 0;
const unmount = () => spawnSync("umount", ["--lazy", directory]);
const mayMount = process.platform === "linux" && process.getuid?.() === 0 && mount();
if (mayMount) unmount();
const missing = mayMount ? "" : "FULL DISK NOT RUN, it needs root that may mount: ";
if (!mayMount) process.stdout.write(`${missing}part of the audit log\n`);

test.skipIf(!mayMount)(`${missing}a full disk is told, costs no line and tears one at most`, () => {
  mount();
  onTestFinished(() => {
    unmount();
    rmdirSync(directory);
  });
  const file = join(directory, "audit.log");
  const ballast = join(directory, "ballast");
  const audit = openAudited({ file, required: true });
  audit.call();
  const page = Buffer.alloc(4096, 1);
  try {
    for (;;) writeFileSync(ballast, page, { flag: "a" });
  } catch {
    // It is full.
  }
  let refused: unknown;
  // What is left of the last page takes some lines.
  for (let calls = 0; refused === undefined && calls < 20; calls += 1) refused = audit.call();
  expect(refused).toMatchObject({ code: "AUDIT_FAILED" });
  expect(audit.log).toMatchObject([
    ["error", "the audit log cannot be written", { code: "ENOSPC" }],
  ]);
  expect(audit.call({ effect: "read" })).toBeUndefined();
  const torn = readFileSync(file, "latin1").endsWith("\n") ? 0 : 1;
  rmSync(ballast);
  expect(audit.call()).toBeUndefined();
  expect(audit.log.at(-1)).toMatchObject(["warn", "the audit log is written again", {}]);
  audit.stop();
  const verdict = verify([file], { wantsEnds: true });
  expect(kindsOf(verdict).map((kind) => kind.split(" ")[0])).toEqual(Array(torn).fill("torn"));
});
