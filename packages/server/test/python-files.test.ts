import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { check, configWith, placeConfig, problemsOf } from "./run-server.ts";

interface PythonToken {
  readonly master_key: string;
  readonly plaintext: string;
  readonly token: string;
  readonly format: "new" | "old";
  readonly name: string;
}

interface BoundVectors {
  readonly good: readonly {
    master_key: string;
    location: string;
    token: string;
    plaintext: string;
  }[];
  readonly bad: readonly {
    master_key: string;
    location: string;
    token: string;
    expect: string;
    why: string;
  }[];
}

function vectors<T>(name: string): T {
  const url = new URL(`../../crypto/test/vectors/${name}`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as T;
}

const keyOf = (master_key: string) => ({ env: { PROXMOX_MCP_MASTER_KEY: master_key } });

describe("configs that the Python tool encrypted", () => {
  const tokens = vectors<readonly PythonToken[]>("python/tokens.json");
  const whole = tokens.filter(
    ({ master_key }) => Buffer.from(master_key, "base64url").length === 32,
  );

  test.each(whole)("$name, $format", ({ master_key, plaintext, token, format }) => {
    const report = check(placeConfig(configWith(token)), keyOf(master_key));
    const state = format === "old" ? "legacy" : "unbound";
    expect(report.secrets).toMatchObject([{ state, opens: plaintext !== "" }]);
    const empty = ["schema: SCHEMA 8:20 /auth/token_value"];
    expect(problemsOf(report)).toEqual(plaintext === "" ? empty : []);
  });

  test("a key of another length is for the command line tool alone", () => {
    const short = tokens.find(({ name }) => name === "newlines");
    const report = check(placeConfig(configWith(short?.token)), keyOf(short?.master_key ?? ""));
    expect(problemsOf(report)).toEqual(["key: KEY_INVALID"]);
  });
});

describe("bound tokens made by another implementation", () => {
  const { good, bad } = vectors<BoundVectors>("bound.json");

  test.each(good.filter(({ location }) => location.startsWith("/auth/token_value")))(
    "open at $location",
    ({ master_key, token, plaintext }) => {
      const report = check(placeConfig(configWith(token)), keyOf(master_key));
      expect(report.secrets).toMatchObject([{ state: "bound", opens: true }]);
      // A secret of several lines opens, and could not be sent in a header.
      const lines = ["schema: SCHEMA 8:20 /auth/token_value"];
      expect(problemsOf(report)).toEqual(plaintext.includes("\n") ? lines : []);
    },
  );

  const codes: Readonly<Record<string, readonly [code: string, exitStatus: number]>> = {
    malformed: ["TOKEN_MALFORMED", 6],
    newer: ["TOKEN_NEWER", 6],
    misplaced: ["TOKEN_MISPLACED", 6],
    opaque: ["TOKEN_OPAQUE", 6],
    "no-key": ["NO_KEY_OPENS", 4],
  };

  test.each(bad)("are refused: $why", (vector) => {
    const { master_key, location, token } = vector;
    const [code, exitStatus] = codes[vector.expect] ?? ["", 0];
    const field = location.slice("/auth/".length);
    const auth = { user: "root@pam", token_name: "mcp", token_value: "plain", [field]: token };
    const report = check(placeConfig({ proxmox: { host: "a" }, auth }), keyOf(master_key));
    const problems = report.checks.flatMap((found) => found.problems);
    expect(problems.map((problem) => `${problem.code} ${problem.location}`)).toEqual([
      `${code} ${location}`,
    ]);
    expect(report.exitStatus).toBe(exitStatus);
  });
});
