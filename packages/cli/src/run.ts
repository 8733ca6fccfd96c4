/** One run: parse, act, speak. Returns an exit status; never throws. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { pathExists } from "@proxmox-mcp/crypto/files";
import { asKnownError, EXIT_STATUS, isOn, redactKeys, stackOf } from "@proxmox-mcp/crypto/internal";
import { audited } from "./audit.ts";
import type { CommandInvocation, CommandModule, CommandTable } from "./commands/module.ts";
import type { Result } from "./commands/result.ts";
import type { CommonFlags } from "./invocation.ts";
import type { Io } from "./io.ts";
import { translateLegacy } from "./legacy-arguments.ts";
import { notTold } from "./not-told.ts";
import { parseArguments, refuseUnknownOption } from "./program.ts";
import { confirm } from "./prompt.ts";
import { type Rendered, renderLines } from "./render/line.ts";
import { render, renderError, renderJson } from "./render/render.ts";
import { createStyle, type Style, wantsColours } from "./render/style.ts";
import { version } from "./version.ts";

/** What is known of the command line when something fails. */
type FailureFlags = CommonFlags & {
  readonly command?: string;
  readonly prometheus?: boolean;
  readonly output?: string | undefined;
};

/**
 * Runs the tool with these arguments.
 *
 * @param commands those that it has. Where that is not all, the arguments begin with one of them.
 * @returns the exit status, as `EXIT_STATUS` has it.
 */
export async function run(
  argv: readonly string[],
  io: Io,
  commands: CommandTable,
): Promise<number> {
  let flags: FailureFlags = {
    json: argv.includes("--json"),
    debug: argv.includes("--debug"),
  };
  try {
    const translated = translateLegacy(argv, pathExists, (given) =>
      refuseUnknownOption(given, version, commands),
    );
    const invocation = parseArguments(translated, version, commands);
    if (invocation.command === "text") {
      io.stdout.write(invocation.text);
      return 0;
    }
    flags = invocation;
    const command = moduleOf(commands, invocation);
    const debugging = invocation.debug || isOn(io.env["PROXMOX_MCP_DEBUG"]);
    const debug = debugging ? (await import("./debug-log.ts")).createDebugLog() : io.debug;
    const result = await audited(io, invocation, () =>
      command.run(debugging ? { ...io, debug } : io, invocation),
    );
    tell(io, command, invocation, result);
    await afterwards(io, invocation, result);
    return statusOf(command, result);
  } catch (error) {
    return fail(io, flags, error);
  }
}

function moduleOf(commands: CommandTable, { command }: CommandInvocation): CommandModule {
  const found = commands[command];
  if (found === undefined) throw new TypeError(`${command} was not declared`);
  return found;
}

function rendered(io: Io, command: CommandModule, { json }: CommonFlags, result: Result): Rendered {
  const asJson = json || (isForPrograms(result) && !io.stdout.isTerminal);
  return asJson
    ? renderJson(command, result, statusOf(command, result))
    : render(command, result, styleOf(io, "stdout"));
}

/** Whether a result is data, which only people at a terminal read as a table. */
function isForPrograms(result: Result): boolean {
  if (result.command === "status") return !result.table && result.metrics === false;
  return result.command === "backups" && result.action === "list";
}

function styleOf(io: Io, stream: "stdout" | "stderr"): Style {
  return createStyle(wantsColours(io[stream].isTerminal, io.env));
}

// Data first: where stdout is closed, the talk must not claim a success. What happened even so, a new
// key in its file or a failure, is told first.
function speak(io: Io, { stdout, stderr }: Rendered, talkFirst: boolean): void {
  const talk = () => {
    // A path or a name may be a key that was given in the wrong place.
    const lines = stderr.map((line) => ({ ...line, text: redactKeys(line.text) }));
    if (lines.length > 0) io.stderr.write(renderLines(lines, styleOf(io, "stderr")));
  };
  if (talkFirst) talk();
  for (const piece of typeof stdout === "string" ? [stdout] : stdout) {
    if (piece !== "") io.stdout.write(piece);
  }
  if (!talkFirst) talk();
}

function tell(io: Io, command: CommandModule, invocation: CommandInvocation, result: Result): void {
  const isRotated = "outcome" in result && result.outcome === "rotated";
  try {
    speak(
      io,
      rendered(io, command, invocation, result),
      isRotated || result.command === "generate-key",
    );
  } catch (error) {
    throw error instanceof ProxmoxMcpError ? notTold(error, result) : error;
  }
}

// The Python tool offers this too: paths and key ids need not stay on the screen.
async function afterwards(io: Io, { json }: CommonFlags, result: Result): Promise<void> {
  if (result.command !== "generate-key" || json) return;
  if (!io.stdin.isTerminal || !io.stdout.isTerminal || !io.stderr.isTerminal) return;
  // The key is made by now: Ctrl-C here says no to the question, and undoes nothing.
  const yes = await confirm(io, "Clear the screen?").catch((error: unknown) => {
    if (error instanceof ProxmoxMcpError && error.code === "INTERRUPTED") return false;
    throw error;
  });
  if (yes) io.stderr.write("\u001b[2J\u001b[3J\u001b[H");
}

function statusOf(command: CommandModule, result: Result): number {
  const isLeft = "recovered" in result && result.recovered.some(({ left }) => left.length > 0);
  return isLeft || command.hasFindings?.(result) === true ? EXIT_STATUS.FINDING : 0;
}

function fail(io: Io, flags: FailureFlags, error: unknown): number {
  const known = asKnownError(error);
  const metrics = flags.prometheus === true && (flags.output ?? "-") === "-";
  const { stdout, stderr } = renderError(known, { ...flags, metrics, now: io.now() });
  ifHeard(() => speak(io, { stdout: "", stderr }, true));
  ifHeard(() => speak(io, { stdout, stderr: [] }, true));
  if (flags.debug || isOn(io.env["PROXMOX_MCP_DEBUG"])) {
    ifHeard(() => io.stderr.write(`${stackOf(error)}\n`));
  }
  return EXIT_STATUS[known.code];
}

function ifHeard(say: () => void): void {
  try {
    say();
  } catch {
    // Nobody listens there any more; the other stream and the exit status still tell.
  }
}
