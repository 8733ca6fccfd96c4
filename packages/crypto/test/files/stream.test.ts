import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { writeStream } from "../../src/files/index.ts";
import { useDirectory } from "./harness.ts";

const directory = useDirectory();
const LARGE = 300_000;

/** Runs a program that writes to stdout by `writeStream`, and ends with the code of its error. */
async function write(stdout: "pipe" | number, text: string) {
  const program = join(directory(), "program.mjs");
  const source = new URL("../../src/files/stream.ts", import.meta.url).pathname;
  await build({
    stdin: {
      contents: `import { STDOUT, writeStream } from ${JSON.stringify(source)};
        try { writeStream(STDOUT, ${text}); } catch (error) { process.stderr.write(error.code + ": " + error.message); }`,
      resolveDir: directory(),
    },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: program,
  });
  return spawnSync(process.execPath, [program], {
    stdio: ["ignore", stdout, "pipe"],
    encoding: "utf8",
    maxBuffer: 10 * LARGE,
  });
}

describe("writeStream", () => {
  it("writes more than a pipe holds at once, and every byte of it", async () => {
    const { stdout, stderr } = await write("pipe", `"ä".repeat(${LARGE})`);
    expect(stderr).toBe("");
    expect(stdout).toBe("ä".repeat(LARGE));
  });

  it("writes to a file", async () => {
    const path = join(directory(), "out");
    await write(openSync(path, "w"), `"line\\n"`);
    expect(readFileSync(path, "utf8")).toBe("line\n");
  });

  it.skipIf(!existsSync("/dev/full"))("fails where nothing more fits", async () => {
    const { stderr } = await write(openSync("/dev/full", "w"), `"text"`);
    expect(stderr).toBe("WRITE_FAILED: stdout is closed or full");
  });

  // A full device as any descriptor: the standard ones of a test runner are not ours to fill.
  it.skipIf(!existsSync("/dev/full"))("gives the refusal of the system as a cause", () => {
    const full = openSync("/dev/full", "w") as 2;
    expect(() => writeStream(full, "text")).toThrow(
      expect.objectContaining({
        code: "WRITE_FAILED",
        cause: expect.objectContaining({ code: "ENOSPC" }),
      }),
    );
    closeSync(full);
  });
});
