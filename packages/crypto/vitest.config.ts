import type { ViteUserConfig } from "vitest/config";
import { suite } from "../../vitest.shared.ts";

const config: ViteUserConfig = suite("unit", {
  coverage: {
    include: ["src/**/*.ts"],
    exclude: ["src/**/*.generated.ts", "src/**/*.d.ts"],
    reporter: ["text-summary", "html"],
    thresholds: { lines: 95, branches: 95 },
  },
});

export default config;
