/**
 * Shell sessions as documents show them: `$ ` begins a command, `> ` continues it, and what follows
 * is its output, standard error included.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createMachine } from "./machine.ts";

/** A command and what it prints. */
export interface Step {
  readonly command: string;
  readonly output: string;
}

/** Milliseconds that a page may take; on a machine that is idle it is a tenth of that. */
export const PATIENCE = 240_000;
// Not a word that any command prints.
const MARK = "end-of-step-5f0c7b1e";
const ENDED = new RegExp(`([^]*?)\\n${MARK} (\\d+)\\n`, "g");

/** A command that was run. */
export interface Ended {
  readonly output: string;
  readonly status: number;
}

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
 * Runs commands in one POSIX shell, on a machine of their own, without a terminal. What they leave running
 * in the background is ended. Port 8080 is a free one.
 *
 * @returns what each printed, as if the user were called `you`, and its exit status.
 */
export async function runSession(commands: readonly string[]): Promise<Ended[]> {
  const machine = createMachine(await freePort(), commands);
  try {
    const script = ["exec 2>&1", "umask 022", ENDING, ...commands.map(machine.here).map(marked)];
    const { stdout, error } = spawnSync("sh", ["-c", script.join("\n")], {
      cwd: machine.directory,
      encoding: "utf8",
      env: machine.env,
      stdio: ["ignore", "pipe", "inherit"],
      // A command that waits for what never comes. Half an hour of CI would pass without it.
      timeout: PATIENCE,
    });
    if (error !== undefined) throw error;
    const ended = [...stdout.matchAll(ENDED)].map(([, output = "", status]) => ({
      output: printed(machine.there(output)),
      status: Number(status),
    }));
    if (ended.length !== commands.length) {
      const rest = stdout.replaceAll(ENDED, "");
      throw new Error(`the shell stopped after ${ended.length} commands: ${rest}`);
    }
    return ended;
  } finally {
    machine.end();
  }
}

// Some answers have no line end, and the next command would stand behind them.
function printed(output: string): string {
  const text = output.replace(/"user":"[^"]*"/g, '"user":"you"');
  return /(?:^|\n)$/.test(text) ? text : `${text}\n`;
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

// The mark must not take the exit status away from a command that asks for it.
function marked(command: string): string {
  return `${command}\nstatus=$?; printf '\\n${MARK} %s\\n' $status; (exit $status)`;
}

const VARYING: readonly (readonly [pattern: RegExp, name: string])[] = [
  // Macs, the names of chains and calls in an audit log, and names with a part of a digest.
  [/\b(?:[0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{12})\b/g, "HEX"],
  [/\bUPID:[\w:@!-]+/g, "UPID"],
  [/"duration_ms":\d+/g, '"duration_ms":N'],
  [/"version":"\d+\.\d+\.\d+[^"]*"/g, '"version":"VERSION"'],
  [/\bafter [\d.]+ s\b/g, "after N s"],
  [/enc:[\w=:-]{20,}/g, "enc:TOKEN"],
  // The end of a backup's name.
  [/\b\d{8}_\d{6}\b/g, "STAMP"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "TIME"],
  // Seconds since 1970.
  [/\b1\d{9}(?:\.\d+)?\b/g, "SECONDS"],
  // Of the simulated cluster.
  [/\b127\.0\.0\.1:\d+/g, "ADDRESS"],
  [/\b\d+ ms\b/g, "N ms"],
  [/\b[0-9A-F]{2}(?::[0-9A-F]{2}){31}\b/g, "FINGERPRINT"],
  [/\buntil \d{4}-\d\d-\d\d\b/g, "until DATE"],
  // What a shell says of a command that was killed; some name themselves.
  [/^.*\bKilled\b.*$/gm, "Killed"],
  // With the blanks that make it as wide as its column. Eight digits of a key may end like an age.
  [/\b(?:AGE|\d{1,4}[mhd])\b +/g, "AGE "],
];

const KEY_ID = /(?<![\w-])[0-9a-f]{8}(?![\w-])|(?<=(?:pending|rotate)-)[0-9a-f]{8}\b/g;

/**
 * Whether the outputs of a page differ in nothing but what differs from run to run. Keys are told apart: where
 * a page shows the same one twice, it must be the same one again.
 */
export function areSameOutputs(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && settled(a) === settled(b);
}

function settled(outputs: readonly string[]): string {
  const text = VARYING.reduce(
    (rest, [pattern, name]) => rest.replace(pattern, name),
    outputs.join("\0"),
  );
  const keys: string[] = [];
  return text.replace(KEY_ID, (id) => {
    if (!keys.includes(id)) keys.push(id);
    return `KEY-${keys.indexOf(id) + 1}`;
  });
}
