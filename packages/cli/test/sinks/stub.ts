/** Programs that stand for a store's own one, and write down what they are given. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import type { Cli } from "../cli.ts";
import { leakDetector } from "../leaks.ts";

/** What is wrong with a store. */
export type StoreFault = "" | "fails" | "lies" | "cuts";

/** A program on the PATH, ahead of all others. */
export interface Stub {
  readonly env: Readonly<Record<string, string>>;
  fail(fault: StoreFault): void;
  write(name: string, text: string): void;
  read(name: string): string;
  /** Makes sure that no process was seen with one of these keys. */
  expectUnseen(keys: readonly string[]): void;
}

/**
 * Makes a program of a shell script. It finds `$STUB`, a directory of its own, and `$fault`; what it
 * was called with is written down before.
 */
export function stubProgram(cli: Cli, name: string, script: string): Stub {
  const directory = join(cli.directory, "..", "stub");
  mkdirSync(join(directory, "bin"), { recursive: true });
  const at = (file: string) => join(directory, file);
  const program = `#!/usr/bin/env bash
set -euo pipefail
printf '%s\\n' "$*" >>"$STUB/calls"
env >>"$STUB/environment"
fault=$(cat "$STUB/fault")
${script}`;
  writeFileSync(at(`bin/${name}`), program);
  chmodSync(at(`bin/${name}`), 0o755);
  for (const file of ["calls", "environment", "fault"]) writeFileSync(at(file), "");
  return {
    env: {
      STUB: directory,
      PATH: [at("bin"), process.env["PATH"] ?? ""].join(delimiter),
    },
    fail: (fault) => writeFileSync(at("fault"), fault),
    write: (file, text) => writeFileSync(at(file), text),
    read: (file) => readFileSync(at(file), "utf8"),
    expectUnseen(keys) {
      const seen = readFileSync(at("calls"), "utf8") + readFileSync(at("environment"), "utf8");
      expect(seen).not.toBe("");
      const marks = keys.map((key) => [key.slice(0, 6), Buffer.from(key, "base64url")] as const);
      expect(leakDetector(Object.fromEntries(marks))(seen)).toEqual([]);
      for (const key of keys) expect(seen).not.toContain(key.slice(0, 12));
    },
  };
}
