/** Prompts, at a real terminal. Needs python3, whose standard library can make one. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { BINARY, type Cli, cleanEnvironment, createCli } from "../cli.ts";
import { leakDetector } from "../leaks.ts";
import { BOUND, config, KEY } from "../material.ts";
import { findProgram } from "../programs.ts";

const python = process.platform === "win32" ? undefined : findProgram("python3");
const TERMINAL = fileURLToPath(new URL("terminal.py", import.meta.url));
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const NEW = "a new example secret, typed";

interface Session {
  readonly status: number;
  readonly screen: string;
  /** Steps whose prompt never came. */
  readonly left: number;
}

/** A prompt to wait for, and what is typed at it. */
type Step = readonly [prompt: string, typed: string];

function atTerminal(cli: Cli, argv: readonly string[], steps: readonly Step[], env = {}): Session {
  const { stdout, stderr } = spawnSync(
    python ?? "",
    [TERMINAL, JSON.stringify(steps), process.execPath, BINARY, ...argv],
    {
      cwd: cli.directory,
      env: { ...cleanEnvironment(cli.home), TERM: "xterm", ...env },
      encoding: "utf8",
    },
  );
  if (stdout === "") throw new Error(`no terminal: ${stderr}`);
  const session = JSON.parse(stdout) as Session;
  expect(session.left, session.screen).toBe(0);
  return session;
}

function prepared(): Cli {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  cli.write("sealed.json", config(BOUND.token));
  return cli;
}

const SET = ["set", "sealed.json", "/auth/token_value"];
const FIRST = "New value for /auth/token_value";
const SECOND = "The same again";

describe.skipIf(python === undefined)(
  `at a terminal${python === undefined ? " (skipped: no python3)" : ""}`,
  () => {
    test("set asks twice, hidden, and seals the answer", async () => {
      const cli = prepared();
      const { status, screen } = atTerminal(cli, SET, [
        [FIRST, `${NEW}\r`],
        [SECOND, `${NEW}\r`],
      ]);
      expect(status).toBe(0);
      expect(leakDetector({ NEW })(screen)).toEqual([]);
      const { stdout } = await cli.run(["decrypt", "sealed.json", "--field", "/auth/token_value"]);
      expect(stdout).toBe(`${NEW}\n`);
    });

    test.each<[string, readonly Step[], number, RegExp]>([
      ["Ctrl-C at the first prompt", [[FIRST, CTRL_C]], 130, /error\[INTERRUPTED\]/],
      [
        "Ctrl-C in the middle of an answer",
        [[FIRST, `half${CTRL_C}`]],
        130,
        /error\[INTERRUPTED\]/,
      ],
      [
        "Ctrl-C at the second prompt",
        [
          [FIRST, `${NEW}\r`],
          [SECOND, CTRL_C],
        ],
        130,
        /error\[INTERRUPTED\]/,
      ],
      ["Ctrl-D at the first prompt", [[FIRST, CTRL_D]], 130, /error\[INTERRUPTED\]/],
      [
        "two answers that differ",
        [
          [FIRST, `${NEW}\r`],
          [SECOND, "other\r"],
        ],
        2,
        /error\[USAGE\].*differ/,
      ],
      [
        "an empty answer",
        [
          [FIRST, "\r"],
          [SECOND, "\r"],
        ],
        2,
        /error\[USAGE\].*empty/,
      ],
    ])("%s changes nothing", (_, steps, status, error) => {
      const cli = prepared();
      const before = cli.snapshot();
      const session = atTerminal(cli, SET, steps);
      expect(session.status, session.screen).toBe(status);
      expect(session.screen).toMatch(error);
      expect(leakDetector({ NEW })(session.screen)).toEqual([]);
      expect(cli.snapshot()).toEqual(before);
    });

    test("status is a table in colours, and without them under NO_COLOR", () => {
      const cli = prepared();
      const { screen } = atTerminal(cli, ["status", "sealed.json"], []);
      expect(screen).toContain("\u001b[32m");
      expect(screen).toMatch(/FIELD.*STATE.*AGE.*KEY.*LINE/);
      const plain = atTerminal(cli, ["status", "sealed.json"], [], { NO_COLOR: "1" });
      expect(plain.screen).not.toContain("\u001b[32m");
    });

    describe("generate-key offers to clear the screen", () => {
      const question = "Clear the screen?";
      const CLEARED = "\u001b[2J";

      test.each<[string, string, boolean]>([
        ["yes", "y\r", true],
        ["no", "n\r", false],
        ["nothing", "\r", false],
        ["Ctrl-C", CTRL_C, false],
        ["Ctrl-D", CTRL_D, false],
      ])("%s: the key is there, which is a success", (_, typed, cleared) => {
        const cli = createCli();
        const { status, screen } = atTerminal(cli, ["generate-key"], [[question, typed]]);
        expect(cli.mode(cli.keyFile)).toBe("600");
        expect(screen.includes(CLEARED)).toBe(cleared);
        expect(screen).not.toContain("nothing was changed");
        expect(status).toBe(0);
        expect(leakDetector({ key: cli.read(cli.keyFile) })(screen)).toEqual([]);
      });
    });
  },
);
