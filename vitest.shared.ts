import { availableParallelism } from "node:os";
import type { ViteUserConfig } from "vitest/config";

const SUITES: Record<
  "unit" | "extended" | "faults" | "mutation",
  { include: string[]; exclude?: string[] }
> = {
  unit: { include: ["test/**/*.test.ts"], exclude: ["test/extended/**", "test/faults/**"] },
  // What can kill a mutant of a token, a key or a secret; the rest would only cost time.
  mutation: { include: ["test/*.test.ts", "test/key/**/*.test.ts"] },
  extended: { include: ["test/extended/**/*.test.ts"] },
  faults: { include: ["test/faults/**/*.test.ts"] },
};

/** What every suite shares: where its tests are, and the report from which CI counts them. */
export function suite(
  name: keyof typeof SUITES,
  options: ViteUserConfig["test"] = {},
): ViteUserConfig {
  return {
    test: {
      ...SUITES[name],
      // Only what hangs may fail by the clock, on a busy machine too.
      testTimeout: 120_000,
      hookTimeout: 120_000,
      // One less by default, and with two cores that is half of the machine.
      maxWorkers: availableParallelism(),
      reporters: ["default", "json"],
      outputFile: { json: `reports/${name}.json` },
      ...options,
    },
  };
}
