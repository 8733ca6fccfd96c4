import { describe, expect, it } from "vitest";
import { useEveryCore } from "../../src/files/thread-pool.ts";

describe("useEveryCore", () => {
  it.each([
    [16, {}, "16"],
    [5, {}, "5"],
    [4, {}, undefined],
    [2, {}, undefined],
    [16, { UV_THREADPOOL_SIZE: "2" }, "2"],
  ])("of %d cores, where the user says %j: %s", (cores, said, expected) => {
    const env: NodeJS.ProcessEnv = { ...said };
    useEveryCore(cores, env);
    expect(env["UV_THREADPOOL_SIZE"]).toBe(expected);
  });
});
