/** The world outside of the machines: stores, platforms, the stub programs that stand for them. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Machine, startMachine } from "./machine.ts";
import { openRepository, type Repository } from "./repository.ts";
import { STUB } from "./stubs/real.ts";
import { createSwitchboard, PROGRAMS, type Switchboard, WITNESSES } from "./switchboard.ts";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

/** Milliseconds that a test of several runs may take: only what hangs may fail by the clock. */
export const PATIENCE: number = 10 * 60_000;

/** A world of its own for one test at a time. */
export interface World {
  /** Everything that the outside keeps: what is not here is gone with a machine. */
  readonly directory: string;
  readonly switchboard: Switchboard;
  /** A machine on which nothing ever ran. */
  startMachine(): Machine;
  readonly repository: Repository;
  /** Makes a file outside of the machines. @returns its path. */
  write(name: string, text: string): string;
  save(name: string): void;
  /** Puts back what was saved. */
  restore(name: string): void;
}

/** What is needed here and not everywhere; `undefined` where nothing is missing. */
export const obstacle: string | undefined = findObstacle();

/** What a world begins with. */
interface WorldOptions {
  /** Another one, whose state it takes. */
  readonly like?: World;
  /** Whether the programs of the base system are looked at as well. */
  readonly hasWitnesses?: boolean;
}

/** Makes a world. @param whenFinished takes it away. */
export async function createWorld(
  whenFinished: (goAway: () => void) => void,
  { like, hasWitnesses = false }: WorldOptions = {},
): Promise<World> {
  const root = realpathSync(mkdtempSync(join(fastDirectory(), "proxmox-mcp-automation-")));
  const directory = join(root, "world");
  mkdirSync(directory);
  const switchboard = await createSwitchboard(directory);
  whenFinished(() => {
    switchboard.close();
    rmSync(root, { recursive: true, force: true });
  });
  const bin = join(root, "bin");
  installStubs(bin, switchboard.port, hasWitnesses ? [...PROGRAMS, ...WITNESSES] : PROGRAMS);
  let machines = 0;
  if (like !== undefined) copy(like.directory, directory);
  const saved = (name: string) => join(root, "saved", name);
  return {
    directory,
    switchboard,
    startMachine: () => startMachine(join(root, "machines", String(++machines)), bin, switchboard),
    repository: openRepository(join(directory, "remote.git"), like === undefined),
    write(name, text) {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    },
    save: (name) => copy(directory, saved(name)),
    restore: (name) => copy(saved(name), directory),
  };
}

/** The CLI as it is published. */
export interface Cli {
  readonly tarball: string;
  /** A directory into which it was installed. */
  readonly installed: string;
}

/** Packs the CLI, and installs it once. */
export function packCli(whenFinished: (goAway: () => void) => void): Cli {
  const place = realpathSync(mkdtempSync(join(tmpdir(), "proxmox-mcp-pack-")));
  whenFinished(() => rmSync(place, { recursive: true, force: true }));
  const npm = (argv: readonly string[], directory: string) =>
    execFileSync("npm", argv, {
      cwd: directory,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, npm_config_cache: join(place, "cache") },
    });
  const source = join(place, "source");
  for (const name of ["package.json", "automation", "bin", "dist", "sinks"]) {
    cpSync(join(PACKAGE, name), join(source, name), { recursive: true });
  }
  // A package manager keeps the modes of `bin` alone.
  for (const directory of ["automation", "sinks"]) {
    for (const name of readdirSync(join(source, directory)))
      chmodSync(join(source, directory, name), 0o644);
  }
  const [{ filename = "" } = {}] = JSON.parse(
    npm(["pack", "--ignore-scripts", "--json", "--pack-destination", place], source),
  ) as { filename?: string }[];
  const tarball = join(place, filename);
  const installed = join(place, "installed");
  npm(["install", "--offline", "--no-audit", "--no-fund", "--prefix", installed, tarball], place);
  return { tarball, installed };
}

function copy(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

function installStubs(bin: string, port: number, programs: readonly string[]): void {
  mkdirSync(bin);
  const text = readFileSync(fileURLToPath(new URL("stubs/stub.sh", import.meta.url)), "utf8");
  writeFileSync(join(bin, STUB), text.replace("PORT", String(port)), { mode: 0o755 });
  for (const name of programs) symlinkSync(STUB, join(bin, name));
}

function findObstacle(): string | undefined {
  if (process.platform !== "linux") return "the scripts are for Linux";
  for (const program of ["/bin/bash", "git"]) {
    if (spawnSync(program, ["--version"]).status !== 0) return `there is no ${program}`;
  }
  return undefined;
}

// In memory a flush costs nothing, and nothing else differs.
function fastDirectory(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}
