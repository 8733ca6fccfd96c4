import type { ViteUserConfig } from "vitest/config";
import { suite } from "../../vitest.shared.ts";

const config: ViteUserConfig = suite("unit", {
  // Hundreds of key derivations on a busy machine: a limit for hangs, not a measure of speed.
  testTimeout: 60_000,
  coverage: {
    include: ["src/**/*.ts"],
    exclude: ["src/**/*.generated.ts", "src/**/*.d.ts"],
    reporter: ["text-summary", "html"],
    thresholds: { lines: 95, branches: 95 },
  },
});

export default config;
