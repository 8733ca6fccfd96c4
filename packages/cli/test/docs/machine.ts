/** What a session finds: a home, a working directory with what the pages take from a checkout, programs. */
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import fse from "fs-extra";
import { DIE } from "../rotation/dying.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const BINARIES: Readonly<Record<string, string>> = {
  "proxmox-mcp-encrypt": join(ROOT, "packages/cli/bin/proxmox-mcp-encrypt.cjs"),
  "proxmox-mcp-server": join(ROOT, "packages/server/bin/proxmox-mcp-server.cjs"),
  // What the pages say to call it by.
  "mcp-client": join(ROOT, "scripts/mcp-client.mjs"),
};
/** What the pages take from a checkout: by where it is there, and by what a command names it with. */
const COPIES = [
  { path: "examples", name: "" },
  { path: "deploy", name: "deploy/" },
  { path: "packages/cli/automation", name: "packages/cli/" },
  { path: "packages/cli/sinks", name: "packages/cli/" },
];
/** What needs a cluster, an engine or a system's own manager. */
const STAND_INS = [
  "docker",
  "gh",
  "kubectl",
  "systemctl",
  "journalctl",
  "systemd-sysusers",
  "systemd-tmpfiles",
  "vault",
  "chown",
];
/** The port of the server over HTTP, in the pages and in what they use. */
const PORT = /\b8080\b/g;
/** Directories of the system, where a word may begin with one. */
const SYSTEM =
  /(?<![\w.~/$}-])(?=\/(?:etc|run|var\/(?:lib|log)|usr\/(?:lib|local\/(?:bin|lib)))\/)/g;

/** A machine of its own for one session. */
export interface Machine {
  /** Where the session begins. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** A command as it has to be here: its port, and the directories of the system. */
  here(command: string): string;
  /** An output as it is on the reader's machine. */
  there(output: string): string;
  /** Ends what stand-ins have started, and takes it away. */
  end(): void;
}

/**
 * @param port stands for 8080.
 * @param commands what is going to be run. A directory that they do not name is not there: on most pages the
 * working directory stands for one with configs alone.
 */
export function createMachine(port: string, commands: readonly string[]): Machine {
  const world = realpathSync(fse.mkdtempSync(join(tmpdir(), "proxmox-mcp-docs-")));
  const home = join(world, "home/you");
  const directory = join(home, "proxmox");
  const bin = join(world, "bin");
  const here = (text: string) => text.replace(PORT, port).replace(SYSTEM, world);
  const all = commands.join("\n");
  for (const { path, name } of COPIES)
    if (all.includes(name)) copy(join(ROOT, path), join(directory, path), here);
  // As in the image of the tools.
  fse.ensureDirSync(join(world, "app"));
  for (const name of ["automation", "sinks"])
    symlinkSync(join(directory, "packages/cli", name), join(world, "app", name));
  for (const name of ["bin", "etc/cron.d", "run", "var/log"]) fse.ensureDirSync(join(world, name));
  fse.ensureSymlinkSync(bin, join(world, "usr/local/bin"));
  for (const [name, path] of Object.entries(BINARIES)) {
    fse.writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${path}' "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  // For rehearsals of a run that is killed.
  fse.writeFileSync(join(bin, "die.cjs"), DIE);
  if (STAND_INS.some((name) => new RegExp(`\\b${name}\\b`).test(all))) installStandIns(bin);
  return {
    directory,
    env: { HOME: home, PATH: `${bin}:${process.env["PATH"]}`, LC_ALL: "C", TZ: "UTC" },
    here,
    there: (output) => output.replaceAll(world, "").replaceAll(`:${port}`, ":8080"),
    end() {
      const pids = join(world, "state/pids");
      for (const name of existsSync(pids) ? readdirSync(pids) : [])
        endProcess(Number(readFileSync(join(pids, name), "utf8")));
      fse.removeSync(world);
    },
  };
}

function copy(from: string, to: string, here: (text: string) => string): void {
  if (!existsSync(from)) return;
  fse.copySync(from, to);
  for (const name of readdirSync(to, { encoding: "utf8", recursive: true })) {
    const path = join(to, name);
    // Units and scripts name directories of the system; who runs them has them here.
    if (statSync(path).isDirectory()) continue;
    const text = readFileSync(path, "utf8");
    const changed = name.endsWith(".json") ? here(text) : text.replace(PORT, here("8080"));
    if (changed !== text) fse.writeFileSync(path, changed);
  }
}

function installStandIns(bin: string): void {
  const program = join(bin, "stand-in.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "stand-ins/main.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // The parser of YAML asks for modules of Node in the way of CommonJS.
    banner: {
      js: `#!${process.execPath}\nimport { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
    },
    logLevel: "error",
  });
  chmodSync(program, 0o755);
  for (const name of STAND_INS) fse.ensureSymlinkSync(program, join(bin, name));
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
