/**
 * A service as systemd would run it, as far as that goes without systemd: its user, without capabilities,
 * a read-only root, /proc with processes alone, the filter of system calls, the credential, the directory
 * for logs.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { readUnit, type Unit, valuesOf } from "../deploy/unit.ts";
import type { Running } from "./own-root.ts";

const CHECKOUT = fileURLToPath(new URL("../../../../", import.meta.url));
const FILTER = fileURLToPath(new URL("system-call-filter.py", import.meta.url));

/** The directory of the units. */
export const UNITS: string = `${CHECKOUT}deploy/systemd`;

/** The default of systemd. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A unit of ours, with these of its drop-ins. */
export function unitOf(name: string, ...dropIns: readonly string[]): Unit {
  const files = [name, ...dropIns.map((dropIn) => `${name}.d/${dropIn}`)];
  return readUnit(...files.map((file) => readFileSync(`${UNITS}/${file}`, "utf8")));
}

/** A machine with our programs and units installed. */
export interface Machine {
  readonly root: string;
  /** Of the service. */
  readonly user: number;
  /** Writes a file of the service's group. */
  place(path: string, content: string, mode: number, owner?: number): void;
}

/** Installs all as README and units say: with systemd-sysusers, systemd-tmpfiles, and as npm does it. */
export function install(): Machine {
  const root = mkdtempSync(join(tmpdir(), "proxmox-mcp-machine-"));
  chmodSync(root, 0o755);
  for (const name of ["server", "cli"]) installPackage(root, name);
  for (const path of ["etc/systemd/system", "usr/lib/systemd", "bin"]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  cpSync("/usr/lib/systemd/system", join(root, "usr/lib/systemd/system"), { recursive: true });
  cpSync("/bin/kill", join(root, "bin/kill"));
  const units = readdirSync(UNITS).filter((name) => /\.(service|timer|d)$/.test(name));
  for (const name of units) {
    cpSync(`${UNITS}/${name}`, join(root, "etc/systemd/system", name), { recursive: true });
  }
  systemd("systemd-sysusers", `--root=${root}`, `${UNITS}/proxmox-mcp.sysusers.conf`);
  const tmpfiles = `${UNITS}/proxmox-mcp.tmpfiles.conf`;
  systemd("systemd-tmpfiles", `--root=${root}`, "--create", tmpfiles);
  const passwd = readFileSync(join(root, "etc/passwd"), "utf8");
  const user = Number(/^proxmox-mcp:x:(\d+):/m.exec(passwd)?.[1]);
  expect(user).toBeGreaterThan(0);
  return {
    root,
    user,
    place(path, content, mode, owner = 0) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      chownSync(file, owner, user);
      chmodSync(file, mode);
    },
  };
}

function installPackage(root: string, name: string): void {
  const directory = join(root, "usr/local/lib/node_modules/@proxmox-mcp", name);
  for (const part of ["bin", "dist", "package.json"]) {
    const from = `${CHECKOUT}packages/${name}/${part}`;
    cpSync(from, join(directory, part), { recursive: true, preserveTimestamps: true });
  }
  const program = readdirSync(join(directory, "bin"))[0] ?? "";
  const link = join(root, "usr/local/bin", program.replace(".cjs", ""));
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(`../lib/node_modules/@proxmox-mcp/${name}/bin/${program}`, link);
}

/** Runs a program of systemd. @returns what it said, which is nothing where all is well. */
export function systemd(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, [...args], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return program === "systemd-analyze" ? stdout + stderr : stdout;
}

/** How a service of a machine runs, and what stands before its command line. */
export interface Sandbox {
  readonly running: Running;
  readonly filter: readonly string[];
}

/** Makes ready what systemd makes ready before the start: credentials, directories, variables. */
export function sandboxOf(unit: Unit, name: string, { root, user, place }: Machine): Sandbox {
  const env: Record<string, string> = { PATH, LANG: "C.UTF-8", USER: "proxmox-mcp", HOME: "/" };
  const writable: string[] = [...valuesOf(unit, "ReadWritePaths")];
  for (const credential of valuesOf(unit, "LoadCredential")) {
    const [id = "", path = ""] = credential.split(":");
    const directory = `/run/credentials/${name}`;
    place(join(directory, id), readFileSync(join(root, path), "utf8"), 0o400, user);
    env["CREDENTIALS_DIRECTORY"] = directory;
  }
  for (const file of valuesOf(unit, "EnvironmentFile")) {
    for (const line of readFileSync(join(root, file), "utf8").split("\n")) {
      const [, variable, value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (variable !== undefined) env[variable] = value;
    }
  }
  for (const logs of valuesOf(unit, "LogsDirectory")) {
    const directory = join(root, "var/log", logs);
    mkdirSync(directory, { recursive: true });
    chownSync(directory, user, user);
    chmodSync(directory, Number.parseInt(valuesOf(unit, "LogsDirectoryMode")[0] ?? "755", 8));
    writable.push(`/var/log/${logs}`);
  }
  for (const directory of writable) mkdirSync(join(root, directory), { recursive: true });
  place("system-call-filter.py", readFileSync(FILTER, "utf8"), 0o644);
  const families = valuesOf(unit, "RestrictAddressFamilies").join(" ").replaceAll(" ", ",");
  const calls = allowedCalls(valuesOf(unit, "SystemCallFilter")).join(",");
  return {
    running: { root, user, env, writable },
    filter: ["/usr/bin/python3", "-B", "/system-call-filter.py", calls, families],
  };
}

/** The system calls that lists of SystemCallFilter= allow, the first of which must allow. */
export function allowedCalls(lists: readonly string[]): readonly string[] {
  const allowed = new Set(expand("@default"));
  for (const list of lists) {
    const isForbidden = list.startsWith("~");
    for (const call of list.replace("~", "").split(" ").flatMap(expand)) {
      if (isForbidden) allowed.delete(call);
      else allowed.add(call);
    }
  }
  return [...allowed];
}

function expand(name: string): readonly string[] {
  if (!name.startsWith("@")) return [name];
  const lines = systemd("systemd-analyze", "--no-pager", "syscall-filter", name).split("\n");
  const members = lines.slice(1).map((line) => line.trim());
  return members.filter((member) => /^[@\w-]+$/.test(member)).flatMap(expand);
}
