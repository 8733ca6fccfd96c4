import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Command, runCommand } from "../../src/files/run-command.ts";
import { useDirectory } from "./harness.ts";

const posix = process.platform !== "win32";
const directory = useDirectory();

function run(argv: readonly string[], options: Partial<Command> = {}) {
  const env = { ...process.env, HERE: directory() };
  return runCommand({ argv, env, timeLimit: 60_000, ...options });
}

function node(script: string): string[] {
  return [process.execPath, "-e", script];
}

describe("runCommand", () => {
  it("drops everything that it was not asked to keep", async () => {
    const outcome = await run(node("console.log('out'); console.error('err')"));
    expect(outcome).toEqual({ kind: "done", output: "", tookInput: true, complaint: "" });
  });

  it("keeps the output, and the end of what was said on standard error", async () => {
    const script = "console.log('out'); console.error('a'.repeat(9000) + 'end')";
    const outcome = await run(node(script), { maxOutput: 99, keepComplaint: true });
    expect(outcome).toMatchObject({ kind: "done", output: "out\n" });
    const { complaint } = outcome as { complaint: string };
    expect(complaint).toHaveLength(4096);
    expect(complaint.endsWith("aend\n")).toBe(true);
  });

  it("has all that was said when the program ends at once", async () => {
    const script = "process.stderr.write('word '.repeat(20_000) + 'last'); process.exitCode = 9";
    const outcome = await run(node(script), { keepComplaint: true });
    expect(outcome).toMatchObject({ kind: "failed", trouble: "ended with status 9" });
    expect((outcome as { complaint: string }).complaint.endsWith("word last")).toBe(true);
  });

  it.runIf(posix)("waits for everybody who may still print", async () => {
    const argv = ["sh", "-c", "(sleep 0.2; echo later) & echo now"];
    expect(await run(argv, { maxOutput: 99 })).toMatchObject({ output: "now\nlater\n" });
  });

  it.runIf(posix)("waits for nobody where the program failed", async () => {
    const argv = ["sh", "-c", "sleep 1000 & echo $! > $HERE/pid; exit 3"];
    const outcome = await run(argv, { maxOutput: 99 });
    process.kill(Number(readFileSync(join(directory(), "pid"), "utf8")));
    expect(outcome).toMatchObject({ kind: "failed", trouble: "ended with status 3" });
  });

  it.runIf(posix)("gives up output that somebody holds back", async () => {
    const argv = ["sh", "-c", "sleep 1000 & echo $! > $HERE/pid"];
    const outcome = await run(argv, { maxOutput: 99, timeLimit: 2000 });
    process.kill(Number(readFileSync(join(directory(), "pid"), "utf8")));
    expect(outcome).toMatchObject({ kind: "failed", trouble: "did not end within 2 s" });
  });

  it("gives an empty input where there is none, and all of a long one", async () => {
    const script = "const n = require('fs').readFileSync(0).length; console.log(n)";
    expect(await run(node(script), { maxOutput: 99 })).toMatchObject({ output: "0\n" });
    const count =
      "process.stdin.resume().on('data', (c) => n += c.length).on('end', () => console.log(n))";
    const input = "x".repeat(3_000_000);
    expect(await run(node(`let n = 0; ${count}`), { maxOutput: 99, input })).toMatchObject({
      output: "3000000\n",
      tookInput: true,
    });
  });

  it("tells a long input that was not taken, on every system", async () => {
    const input = "x".repeat(3_000_000);
    expect(await run(node("0"), { input })).toMatchObject({ kind: "done", tookInput: false });
  });

  it("tells why a program cannot start", async () => {
    expect(await run(["no-such-program-anywhere"], { input: "x" })).toEqual({
      kind: "not started",
      reason: "no such file or directory",
    });
    expect(await run(["a\0b"], { input: "x" })).toMatchObject({ kind: "not started" });
  });

  it("is interrupted before and after it began", async () => {
    const signal = AbortSignal.abort();
    expect(await run(node("0"), { signal })).toEqual({ kind: "interrupted", started: false });
    const controller = new AbortController();
    const script =
      "require('fs').writeFileSync(process.env.HERE + '/begun', ''); setInterval(() => {}, 1000)";
    const outcome = run(node(script), { signal: controller.signal });
    while (!existsSync(join(directory(), "begun"))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    controller.abort();
    expect(await outcome).toEqual({ kind: "interrupted", started: true });
  });
});
