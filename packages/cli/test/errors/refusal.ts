/** What every bad input must get: one clear error, and nothing changed. */
import { expect, test } from "vitest";
import { type Cli, createCli, type Outcome, type Surroundings } from "../cli.ts";
import { leakDetector } from "../leaks.ts";
import { KEY, OTHER_KEY, SECRET } from "../material.ts";

/** A bad input and the error that it gets. */
export interface BadInput {
  /** In words, as the name of the test. */
  readonly what: string;
  /** Files in the directory, or by absolute path; a function where more than that is needed. */
  readonly given?: Readonly<Record<string, string | Uint8Array>> | ((cli: Cli) => void);
  /** The master key in the home. Default: `KEY`; none for `undefined`. */
  readonly homeKey?: string | undefined;
  /** The arguments; a function where paths are needed. */
  readonly run: readonly string[] | ((cli: Cli) => readonly string[]);
  readonly around?: Surroundings | ((cli: Cli) => Surroundings);
  readonly status: number;
  readonly code: string;
  /** What the JSON says of the place, all of it. */
  readonly place?: object | ((cli: Cli) => object);
  readonly says: RegExp;
  /** What the way out names. */
  readonly wayOut: RegExp;
  /** Why this cannot be tried here. */
  readonly skip?: string | undefined;
}

const leaks = leakDetector({
  secret: SECRET,
  key: KEY,
  "other key": OTHER_KEY,
  "bytes of the key": Buffer.from(KEY, "base64url"),
});

/** Declares a test for each bad input: as text, and with `--json`. */
export function refuses(inputs: readonly BadInput[]): void {
  for (const input of inputs) {
    const declare = test.skipIf(input.skip !== undefined);
    declare(nameOf(input), { concurrent: true }, async ({ onTestFinished }) => {
      const cli = createCli(onTestFinished);
      const homeKey = "homeKey" in input ? input.homeKey : KEY;
      if (homeKey !== undefined) cli.write(cli.keyFile, `${homeKey}\n`, 0o600);
      arrange(cli, input);
      const argv = resolve(input.run, cli);
      const around = resolve(input.around ?? {}, cli);
      const before = cli.snapshot();

      const spoken = await cli.run(argv, around);
      const answered = await cli.run([...argv, "--json"], around);

      expect(spoken).toMatchObject({ status: input.status, stdout: "" });
      expectLine(spoken.stderr, input);
      expectAnswered(answered, input, cli);
      for (const { stdout, stderr } of [spoken, answered])
        expect(leaks(stdout + stderr)).toEqual([]);
      expect(cli.snapshot()).toEqual(before);
    });
  }
}

function nameOf({ what, skip }: BadInput): string {
  return skip === undefined ? what : `${what} (skipped: ${skip})`;
}

function arrange(cli: Cli, { given = {} }: BadInput): void {
  if (typeof given === "function") given(cli);
  else for (const [name, content] of Object.entries(given)) cli.write(name, content);
}

function resolve<T extends object>(wanted: T | ((cli: Cli) => T), cli: Cli): T {
  return typeof wanted === "function" ? (wanted as (cli: Cli) => T)(cli) : wanted;
}

function expectLine(stderr: string, { code, says, wayOut }: BadInput): void {
  expect(stderr).toMatch(/^[^\n]+\n$/);
  const [, spokenCode, message, hint] =
    /^error\[([A-Z_]+)\]: (.+)\. Way out: (.+)\.\n$/.exec(stderr) ?? [];
  expect(spokenCode, stderr).toBe(code);
  expect(message).toMatch(says);
  expect(hint).toMatch(wayOut);
}

function expectAnswered(outcome: Outcome, input: BadInput, cli: Cli): void {
  expect(outcome.status).toBe(input.status);
  expectLine(outcome.stderr, input);
  const answer = JSON.parse(outcome.stdout);
  expect(Object.keys(answer)).toEqual(["ok", "exitStatus", "command", "error"]);
  expect(answer).toMatchObject({ ok: false, exitStatus: input.status });
  const { code, message, hint, ...place } = answer.error;
  expect({ code, place }).toEqual({ code: input.code, place: resolve(input.place ?? {}, cli) });
  expect(message).toEqual(expect.any(String));
  expect(hint).toMatch(input.wayOut);
}
