import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { useDirectory } from "./harness.ts";

const directory = useDirectory();

/** The size that a program has after the call, as its children would see it. */
async function sizeIn(env: Record<string, string>): Promise<string> {
  const program = `${directory()}/program.mjs`;
  const source = new URL("../../src/files/thread-pool.ts", import.meta.url).pathname;
  await build({
    stdin: {
      contents: `import { useEveryCore } from ${JSON.stringify(source)};
        useEveryCore();
        process.stdout.write(String(process.env.UV_THREADPOOL_SIZE));`,
      resolveDir: directory(),
    },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: program,
  });
  return spawnSync(process.execPath, [program], { env, encoding: "utf8" }).stdout;
}

describe("useEveryCore", () => {
  it("gives a thread to each core, where there are more than the pool has by itself", async () => {
    const cores = availableParallelism();
    expect(await sizeIn({})).toBe(cores > 4 ? String(cores) : "undefined");
  });

  it("leaves alone what the user says", async () => {
    expect(await sizeIn({ UV_THREADPOOL_SIZE: "2" })).toBe("2");
  });
});
