/** What a rotation asks at a real terminal. Needs python3, whose standard library can make one. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { BINARY, type Cli, cleanEnvironment } from "../cli.ts";
import { leakDetector } from "../leaks.ts";
import { BOUND, config, KEY } from "../material.ts";
import { findProgram } from "../programs.ts";
import {
  CONFIG,
  deployment,
  ENV,
  expectRotated,
  keyless,
  OLD_ID,
  SERVERS,
  state,
  words,
} from "../rotation/deployment.ts";

const python = process.platform === "win32" ? undefined : findProgram("python3");
const TERMINAL = fileURLToPath(new URL("terminal.py", import.meta.url));
const CTRL_C = "\u0003";
const ALL = ["rotate-key", CONFIG, SERVERS, ENV];
const QUESTION = "Rotate these 3 files?";

function atTerminal(
  cli: Cli,
  argv: readonly string[],
  steps: readonly (readonly [prompt: string, typed: string])[],
  env = {},
): { readonly status: number; readonly screen: string } {
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
  const session = JSON.parse(stdout);
  expect(session.left, session.screen).toBe(0);
  return session;
}

describe.skipIf(python === undefined)(
  `a rotation at a terminal${python === undefined ? " (skipped: no python3)" : ""}`,
  () => {
    test("shows the plan and asks; yes rotates", async () => {
      const cli = deployment();
      const { status, screen } = atTerminal(cli, ALL, [[QUESTION, "y\r"]]);
      expect(status, screen).toBe(0);
      const asked = screen.indexOf(QUESTION);
      for (const line of [
        `3 files will be rotated from key ${OLD_ID} to a new key:`,
        "/servers/staging/token_secret  unbound",
        `The new key will be stored in ${cli.keyFile}.`,
      ]) {
        expect(screen.indexOf(line), line).toBeGreaterThan(-1);
        expect(screen.indexOf(line)).toBeLessThan(asked);
      }
      expect(screen.indexOf("Rotated 3 files to key")).toBeGreaterThan(asked);
      await expectRotated(cli, cli.read(cli.keyFile));
      expect(leakDetector({ KEY, fresh: words(cli.read(cli.keyFile))[0] ?? "" })(screen)).toEqual(
        [],
      );
    });

    test.each([
      ["no", "n\r"],
      ["Enter alone", "\r"],
      ["Ctrl-C", CTRL_C],
    ])("%s changes nothing: 130", (_, typed) => {
      const cli = deployment();
      const before = state(cli);
      const { status, screen } = atTerminal(cli, ALL, [[QUESTION, typed]]);
      expect(screen).toMatch(
        /error\[INTERRUPTED\]: (declined|interrupted)[^\r\n]*nothing was changed/,
      );
      expect(status).toBe(130);
      expect(state(cli)).toEqual(before);
    });

    test("a declined run keeps the pending file of an earlier one", () => {
      const cli = keyless();
      const sink = ["--new-key-sink", `sh -c 'cat > ${cli.path("stored")}'`];
      const rotate = [...ALL, ...sink];
      const first = atTerminal(cli, [...rotate, "--yes"], [], { PROXMOX_MCP_MASTER_KEY: KEY });
      expect(first.status, first.screen).toBe(0);
      const env = { PROXMOX_MCP_MASTER_KEY: cli.read("stored") };
      const before = state(cli);
      const second = atTerminal(cli, rotate, [[QUESTION, "n\r"]], env);
      expect(second.status).toBe(130);
      expect(state(cli)).toEqual(before);
    });

    test("--yes and --dry-run do not ask", async () => {
      const cli = deployment();
      expect(atTerminal(cli, [...ALL, "--dry-run"], []).screen).not.toContain("?");
      const { status, screen } = atTerminal(cli, [...ALL, "--yes"], []);
      expect(status).toBe(0);
      expect(screen).not.toContain(QUESTION);
      await expectRotated(cli, cli.read(cli.keyFile));
    });

    test("files that are left out are shown before the question", () => {
      const cli = deployment();
      cli.write("bad.json", config("enc:nonsense"));
      const argv = ["rotate-key", CONFIG, "bad.json", "--skip-unreadable"];
      const { status, screen } = atTerminal(cli, argv, [["Rotate this file?", "y\r"]]);
      expect(status).toBe(7);
      const shown = screen.indexOf("bad.json:6:20 /auth/token_value");
      expect(shown).toBeGreaterThan(-1);
      expect(shown).toBeLessThan(screen.indexOf("Rotate this file?"));
    });

    test("a key from a variable goes to the key file in the home, with the lines to use it", async () => {
      const cli = keyless();
      const env = { PROXMOX_MCP_MASTER_KEY: KEY };
      const { status, screen } = atTerminal(cli, ALL, [[QUESTION, "y\r"]], env);
      expect(status, screen).toBe(0);
      expect(words(cli.read(cli.keyFile))).toEqual([expect.any(String), KEY]);
      expect(cli.mode(cli.keyFile)).toBe("600");
      expect(screen).toContain(`export PROXMOX_MCP_MASTER_KEY="$(cat ${cli.keyFile})"`);
      await expectRotated(cli, cli.read(cli.keyFile));

      // That file holds the key which the variable now has: it is where to rotate next.
      const next = { PROXMOX_MCP_MASTER_KEY: cli.read(cli.keyFile) };
      const again = atTerminal(cli, ALL, [], next);
      expect(again.status).toBe(8);
      expect(again.screen).toContain(`with --key-file ${cli.keyFile}`);
      const third = atTerminal(cli, [...ALL, "--key-file", cli.keyFile, "--yes"], [], next);
      expect(third.status, third.screen).toBe(0);
      expect(words(cli.read(cli.keyFile))).toHaveLength(3);
    });

    test("many files: a bar that goes away, and an error does not stand behind it", () => {
      const files: Record<string, string> = {};
      for (let index = 0; index < 12; index += 1) files[`c${index}.json`] = config(BOUND.token);
      const cli = deployment(files);
      const { screen } = atTerminal(cli, ["rotate-key-all", ".", "--yes"], []);
      expect(screen).toContain("Checking [##......................] 1/12\u001b[K\r");
      expect(screen).toContain("Replacing [######################..] 12/13\u001b[K\r\u001b[K");
      expect(screen).not.toContain("Checking 12 files");
      expect(existsSync(join(cli.directory, "c0.json"))).toBe(true);
    });
  },
);
