import { defineConfig, type ViteUserConfigFnObject } from "vitest/config";
import { suite } from "../../vitest.shared.ts";

const config: ViteUserConfigFnObject = defineConfig(({ mode }) =>
  suite("faults", {
    // `--mode full` tries every point, anything else a sample.
    env: { PROXMOX_MCP_FAULTS: mode },
    // Two processes at a time are started by the tests themselves.
    fileParallelism: false,
    testTimeout: 4 * 60 * 60_000,
  }),
);

export default config;
