import type { ViteUserConfig } from "vitest/config";

const SUITES: Record<"unit" | "extended", { include: string[]; exclude?: string[] }> = {
  unit: { include: ["test/**/*.test.ts"], exclude: ["test/extended/**"] },
  extended: { include: ["test/extended/**/*.test.ts"] },
};

/** What every suite shares: where its tests are, and the report from which CI counts them. */
export function suite(
  name: keyof typeof SUITES,
  options: ViteUserConfig["test"] = {},
): ViteUserConfig {
  return {
    test: {
      ...SUITES[name],
      reporters: ["default", "json"],
      outputFile: { json: `reports/${name}.json` },
      ...options,
    },
  };
}
