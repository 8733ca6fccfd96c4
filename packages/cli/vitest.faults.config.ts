import { defineConfig, type ViteUserConfigFnObject } from "vitest/config";
import { suite } from "../../vitest.shared.ts";
import { isIn, parseShard } from "./test/faults/shard.ts";

// They try no points, and go whole into one shard each.
const UNDIVIDED = ["clock", "concurrency", "disk", "file", "found", "many", "protected"];

const config: ViteUserConfigFnObject = defineConfig(({ mode }) => {
  const text = process.env["PROXMOX_MCP_FAULTS_SHARD"];
  const shard = parseShard(text);
  if (shard.of > 1 && mode !== "full") throw new RangeError("only the full sweep has shards");
  const ofOthers = UNDIVIDED.filter((name) => !isIn(shard, name));
  if (shard.of > 1) {
    process.stdout.write(
      `FAULT SWEEP, ONLY SHARD ${text}: the points of the others are not tried, nor is any of ${ofOthers.join(", ")}\n`,
    );
  }
  return suite("faults", {
    // `--mode full` tries every point, anything else a sample.
    env: { PROXMOX_MCP_FAULTS: mode },
    exclude: ofOthers.map((name) => `test/faults/${name}.test.ts`),
    // Two processes at a time are started by the tests themselves.
    fileParallelism: false,
    testTimeout: 4 * 60 * 60_000,
  });
});

export default config;
