/**
 * Shell sessions as documents show them: `$ ` begins a command, `> ` continues it, and what follows
 * is its output, standard error included.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fse from "fs-extra";

/** A command and what it prints. */
export interface Step {
  readonly command: string;
  readonly output: string;
}

const ROOT = resolve(import.meta.dirname, "../../../..");
const BINARIES: Readonly<Record<string, string>> = {
  "proxmox-mcp-encrypt": join(ROOT, "packages/cli/bin/proxmox-mcp-encrypt.cjs"),
  "proxmox-mcp-server": join(ROOT, "packages/server/bin/proxmox-mcp-server.cjs"),
  // What the pages say to call it by.
  "mcp-client": join(ROOT, "scripts/mcp-client.mjs"),
};
/** The port of the server over HTTP, in the pages and in the examples. */
const PORT = /\b8080\b/g;
// Not a word that any command prints.
const MARK = "end-of-step-5f0c7b1e";

/** Reads a session. @throws Error for output that no command comes before. */
export function parseSession(text: string): Step[] {
  const steps: { command: string; output: string }[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const last = steps.at(-1);
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), output: "" });
    else if (last === undefined) throw new Error(`no command comes before: ${line}`);
    else if (line.startsWith("> ") && last.output === "") last.command += `\n${line.slice(2)}`;
    else last.output += `${line}\n`;
  }
  return steps;
}

/** Writes a session as documents show it. */
export function printSession(steps: readonly Step[]): string {
  return steps
    .map(({ command, output }) => `$ ${command.replaceAll("\n", "\n> ")}\n${output}`)
    .join("");
}

/**
 * Runs commands in one POSIX shell, in a directory of their own that holds a copy of `examples/`, in
 * a home of their own, without a terminal. What they leave running in the background is ended. Port 8080
 * is a free one.
 *
 * @returns what each printed, as if the user were called `you`.
 */
export async function runSession(commands: readonly string[]): Promise<string[]> {
  const world = realpathSync(fse.mkdtempSync(join(tmpdir(), "proxmox-mcp-docs-")));
  const port = await freePort();
  try {
    const home = join(world, "home/you");
    const directory = join(home, "proxmox");
    const bin = join(world, "bin");
    copyExamples(join(directory, "examples"), port);
    fse.ensureDirSync(bin);
    for (const [name, path] of Object.entries(BINARIES)) {
      fse.writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${path}' "$@"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    const script = ["exec 2>&1", "umask 022", ENDING, ...commands.map(marked)]
      .join("\n")
      .replace(PORT, port);
    const { stdout, error } = spawnSync("sh", ["-c", script], {
      cwd: directory,
      encoding: "utf8",
      env: { HOME: home, PATH: `${bin}:${process.env["PATH"]}`, LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (error !== undefined) throw error;
    const outputs = stdout.split(`\n${MARK}\n`);
    if (outputs.length !== commands.length + 1) {
      throw new Error(`the shell stopped after ${outputs.length - 1} commands: ${outputs.at(-1)}`);
    }
    return (
      outputs
        .slice(0, -1)
        .map((output) => ofYou(output.replaceAll(world, "").replaceAll(`:${port}`, ":8080")))
        // Some answers have no line end, and the next command would stand behind them.
        .map((output) => (/(?:^|\n)$/.test(output) ? output : `${output}\n`))
    );
  } finally {
    fse.removeSync(world);
  }
}

// Of the last one that was started: a page starts one server at a time.
const ENDING = "trap 'kill $! 2> /dev/null' EXIT";

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}

function copyExamples(to: string, port: string): void {
  fse.copySync(join(ROOT, "examples"), to);
  for (const name of readdirSync(to)) {
    const text = readFileSync(join(to, name), "utf8");
    if (text.search(PORT) >= 0) fse.writeFileSync(join(to, name), text.replace(PORT, port));
  }
}

function ofYou(output: string): string {
  return output.replace(/"user":"[^"]*"/g, '"user":"you"');
}

// The mark must not take the exit status away from a command that asks for it.
function marked(command: string): string {
  return `${command}\nstatus=$?; printf '\\n${MARK}\\n'; (exit $status)`;
}

const VARYING: readonly (readonly [pattern: RegExp, name: string])[] = [
  // Macs, and the names of chains and calls in an audit log.
  [/\b(?:[0-9a-f]{64}|[0-9a-f]{16})\b/g, "HEX"],
  [/\bUPID:[\w:@!-]+/g, "UPID"],
  [/"duration_ms":\d+/g, '"duration_ms":N'],
  [/\bafter [\d.]+ s\b/g, "after N s"],
  [/enc:[\w=:-]{20,}/g, "enc:TOKEN"],
  [/(?<![\w-])[0-9a-f]{8}(?![\w-])|(?<=pending-)[0-9a-f]{8}\b/g, "KEY-ID"],
  // The end of a backup's name.
  [/\b\d{8}_\d{6}\b/g, "STAMP"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "TIME"],
  // Of the simulated cluster.
  [/\b127\.0\.0\.1:\d+/g, "ADDRESS"],
  [/\b\d+ ms\b/g, "N ms"],
  [/\b[0-9A-F]{2}(?::[0-9A-F]{2}){31}\b/g, "FINGERPRINT"],
  [/\buntil \d{4}-\d\d-\d\d\b/g, "until DATE"],
  // With the blanks that make it as wide as its column.
  [/\b(?:AGE|\d+[mhd])\b +/g, "AGE "],
];

/** Whether two outputs differ in nothing but what differs from run to run. */
export function isSameOutput(a: string, b: string): boolean {
  return settled(a) === settled(b);
}

function settled(output: string): string {
  return VARYING.reduce((text, [pattern, name]) => text.replace(pattern, name), output);
}
