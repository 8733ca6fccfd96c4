import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KEY } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { type Serving, spawnServing, startServing } from "./serving.ts";

const GARBAGE = "a message of the client could not be served";

/** Has the server log a line so many times. @returns the answer to a request that follows. */
async function provoke(server: Serving, lines: number): Promise<unknown> {
  server.process.stdin.write("{}\n".repeat(lines));
  return (await server.request("ping")).result;
}

const logged = (server: Serving): number =>
  server.log().filter(({ msg }) => msg === GARBAGE).length;

describe("a client that does not read standard error", () => {
  test("is served all the same, and told later how many lines it missed", async () => {
    const server = await startServing(["--test-mode"], { cwd: scratch() });
    server.process.stderr.pause();
    expect(await provoke(server, 30_000)).toEqual({});
    server.process.stderr.resume();
    const { lines } = await server.logged("standard error was not read, lines are missing");
    expect(lines).toBeGreaterThan(0);
    expect(logged(server) + Number(lines)).toBe(30_000);
    // The log goes on.
    await provoke(server, 1);
    await server.logged(GARBAGE);
  });

  test("does not keep the server from ending on SIGTERM", async () => {
    const server = await startServing(["--test-mode"], { cwd: scratch() });
    server.process.stderr.pause();
    await provoke(server, 10_000);
    const exit = once(server.process, "exit");
    server.process.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  });

  test("and closes it does not end the server", async () => {
    const server = await startServing(["--test-mode"], { cwd: scratch() });
    server.process.stderr.destroy();
    expect(await provoke(server, 10)).toEqual({});
    server.process.stdin.end();
    expect(await server.ended).toBe(0);
  });
});

test("the last lines come out before the server ends, though their reader is behind", async () => {
  const server = spawnServing(["--test-mode"], { cwd: scratch() });
  server.process.stdin.end("{}\n".repeat(5_000));
  expect(await server.ended).toBe(0);
  expect(logged(server)).toBe(5_000);
  expect(server.log().at(-1)).toMatchObject({ msg: "the server ends" });
});

test("why the server fails comes out before it ends, though its reader is behind", async () => {
  const cwd = scratch();
  const script = join(cwd, "gone-wrong.cjs");
  writeFileSync(script, 'process.on("SIGUSR2", () => { throw new Error("marked"); });');
  const server = await startServing(["--test-mode"], {
    cwd,
    env: { PROXMOX_MCP_MASTER_KEY: KEY, NODE_OPTIONS: `--require ${JSON.stringify(script)}` },
  });
  server.process.stderr.pause();
  await provoke(server, 5_000);
  server.process.kill("SIGUSR2");
  server.process.stderr.resume();
  expect(await server.ended).toBe(1);
  expect(server.log().at(-1)).toMatchObject({ level: "fatal" });
});
