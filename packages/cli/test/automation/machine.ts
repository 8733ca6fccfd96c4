/** A machine that a job runs on, and that is thrown away after it. */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { killAll, treeOf } from "./process-tree.ts";
import type { Cut, Switchboard } from "./switchboard.ts";

/** How a shell ended. `cut` says that it did not come to that. */
export interface ShellEnd {
  readonly status: number | null;
  readonly printed: string;
  readonly cut?: Cut;
}

/** A file that was on a machine when it was thrown away. */
export interface LeftFile {
  readonly path: string;
  /** Permission bits, as in `600`. */
  readonly mode: string;
  readonly text: string;
}

/** One machine. Nothing of it is left but what `throwAway` gives back. */
export interface Machine {
  readonly home: string;
  readonly temporary: string;
  readonly workspace: string;
  /** What a process is started with, before a job adds its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a script in a shell, until it ends or somebody asks for the end of the machine. */
  runShell(shell: Shell): Promise<ShellEnd>;
  /**
   * Takes it away, with everything on it.
   *
   * @param besides directories elsewhere that belong to it.
   * @returns the files that were there, but those of git.
   */
  throwAway(besides?: readonly string[]): readonly LeftFile[];
}

/** What a shell is given. */
export interface Shell {
  /** The program and its arguments; `{0}` stands for the script's file. */
  readonly argv: readonly string[];
  readonly script: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a machine.
 *
 * @param place a directory that does not exist yet.
 * @param bin the directory of the stub programs.
 */
export function startMachine(place: string, bin: string, switchboard: Switchboard): Machine {
  const directory = (name: string): string => {
    mkdirSync(join(place, name), { recursive: true });
    return join(place, name);
  };
  const [home, temporary, workspace] = [
    directory("home"),
    directory("temporary"),
    directory("workspace"),
  ];
  let scripts = 0;
  return {
    home,
    temporary,
    workspace,
    environment: {
      PATH: [bin, ...systemPath()].join(delimiter),
      HOME: home,
      TMPDIR: temporary,
      LANG: "C.UTF-8",
      CI: "true",
      // What npm asks the registry of its own accord.
      npm_config_offline: "true",
      npm_config_update_notifier: "false",
    },
    async runShell({ argv, script, directory, env }) {
      const file = join(temporary, `step-${++scripts}.sh`);
      writeFileSync(file, script);
      const [program = "", ...rest] = argv.map((word) => word.replace("{0}", file));
      const child = spawn(program, rest, {
        cwd: directory,
        env: { ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let printed = "";
      let cut: Cut | undefined;
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (chunk: string) => {
          printed += chunk;
        });
      }
      switchboard.whenCut((how) => {
        cut = how;
        if (child.pid === undefined) return;
        const tree = treeOf(child.pid);
        // A runner that loses patience asks first, and then ends everything.
        if (how === "hang") for (const name of ["SIGINT", "SIGTERM"] as const) child.kill(name);
        killAll(tree);
      });
      const status = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      });
      return { status, printed, ...(cut && { cut }) };
    },
    throwAway(besides = []) {
      const left = [place, ...besides].flatMap((path) => (existsSync(path) ? filesOf(path) : []));
      for (const path of [place, ...besides]) rmSync(path, { recursive: true, force: true });
      return left;
    },
  };
}

// Without what a package manager adds: there the program under test would be found uninstalled.
function systemPath(): readonly string[] {
  const path = (process.env["PATH"] ?? "").split(delimiter);
  return path.filter((directory) => !directory.includes("node_modules"));
}

function filesOf(directory: string): readonly LeftFile[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory())
      return entry.name === ".git" || entry.name === "node_modules" ? [] : filesOf(path);
    if (!entry.isFile()) return [];
    const mode = (statSync(path).mode & 0o777).toString(8);
    return [{ path, mode, text: readFileSync(path, "latin1") }];
  });
}
