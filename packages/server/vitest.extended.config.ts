import type { ViteUserConfig } from "vitest/config";
import { suite } from "../../vitest.shared.ts";

const config: ViteUserConfig = suite("extended");

export default config;
