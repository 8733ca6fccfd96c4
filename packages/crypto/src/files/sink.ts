/** A sink: a command that takes the key text to where it is kept. */
import { ProxmoxMcpError } from "../errors.ts";
import {
  equalKeyTexts,
  everyKey,
  formatKeyText,
  type KeyText,
  parseKeyText,
} from "../key/key-text.ts";
import { MAX_KEY_BYTES } from "./key-file.ts";
import { lastWords } from "./last-words.ts";
import { SINK_FLAG, type Sink, VERIFY_FLAG } from "./parse-sink.ts";
import { type Command, type Outcome, runCommand } from "./run-command.ts";

/** Milliseconds. */
const DEFAULT_TIME_LIMIT = 60_000;

/**
 * Why a sink is called: to store the new key beside the active one, to make it the active one, or to
 * store it alone. It is told by `PROXMOX_MCP_SINK_PHASE`.
 */
export type SinkPhase = "prepare" | "promote" | "retire";

/** What a sink runs in. */
export interface SinkSurroundings {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Once aborted, the command is ended with all that it started, and its failure is reported. */
  readonly signal?: AbortSignal | undefined;
}

/** A key text that a sink took. */
export interface SinkReport {
  readonly phase: SinkPhase;
  /** The name of the program. */
  readonly program: string;
  /** Whether the text was read back and found to be the same. */
  readonly verified: boolean;
}

/**
 * Hands the whole key text to a sink, on its standard input, and reads it back where the sink has a
 * command for that.
 *
 * The sink must read all of it and end with status 0. It has no terminal, and no variable of its
 * environment holds one of the keys. What it prints is dropped, but for the last line of its
 * standard error: people must learn why it failed, so that line gets into the error unless it holds
 * a part of a key, and what looks random in it does not.
 *
 * A sink that ends with 0 and has not read everything is found out on Linux, unless something that
 * it started still holds its input. Elsewhere only one that closed its input early is, and only
 * `verifyArgv` tells.
 *
 * @throws ProxmoxMcpError SINK_FAILED: whether the text was stored is unknown, unless the message
 * says that the sink got nothing. INTERRUPTED, with the same doubt.
 */
export async function storeAtSink(
  sink: Sink,
  keys: KeyText,
  phase: SinkPhase,
  { env, signal }: SinkSurroundings,
): Promise<SinkReport> {
  const { argv, verifyArgv, timeLimit = DEFAULT_TIME_LIMIT } = sink;
  const common = {
    env: { ...withoutHeld(env, keys), PROXMOX_MCP_SINK_PHASE: phase },
    timeLimit,
    signal,
    ownSession: true,
    keepComplaint: true,
  };
  const storing = { ...common, argv, input: formatKeyText(keys) };
  await store(storing, { who: `${SINK_FLAG}: ${argv[0]}`, keys, phase, unstarted: GOT_NOTHING });
  if (verifyArgv !== undefined) {
    const reading = { ...common, argv: verifyArgv, maxOutput: MAX_KEY_BYTES };
    const who = `${VERIFY_FLAG}: ${verifyArgv[0]}`;
    await verify(reading, { who, keys, phase, unstarted: IN_DOUBT });
  }
  return { phase, program: argv[0] ?? "", verified: verifyArgv !== undefined };
}

/** One of the two commands, for what is said of it. */
interface Step {
  readonly who: string;
  readonly keys: KeyText;
  readonly phase: SinkPhase;
  /** What holds where it was never started. */
  readonly unstarted: Readonly<Record<SinkPhase, string>>;
}

async function store(command: Command, step: Step): Promise<void> {
  const { tookInput } = demandDone(await runCommand(command), step);
  if (tookInput) return;
  throw sinkError(`${step.who} ended without reading all of the key text`, step, {
    hint: "make it store what it reads from its standard input, then run the command again",
  });
}

async function verify(command: Command, step: Step): Promise<void> {
  const { output } = demandDone(await runCommand(command), step);
  const trouble = differenceOf(output, step.keys);
  if (trouble === undefined) return;
  throw sinkError(`${step.who} ${trouble}`, step, {
    hint: "see that both commands name the same place, then run the command again",
  });
}

function differenceOf(output: string, keys: KeyText): string | undefined {
  if (output.trim() === "") return "printed nothing";
  let found: KeyText;
  try {
    found = parseKeyText(output);
  } catch {
    return "printed something that is no key text";
  }
  return equalKeyTexts(found, keys) ? undefined : "printed another key text than was to be stored";
}

const KEPT = "the pending key is kept and will be used again";
const IN_DOUBT: Readonly<Record<SinkPhase, string>> = {
  prepare: `the new key counts as perhaps stored: ${KEPT}`,
  promote: `the new key counts as perhaps stored as the active one: ${KEPT}`,
  retire: "the old keys count as perhaps removed there: they are kept here",
};
const GOT_NOTHING: Readonly<Record<SinkPhase, string>> = {
  prepare: `it got nothing: ${KEPT}`,
  promote: `it got nothing: ${KEPT}`,
  retire: "it got nothing: the old keys are kept",
};

function demandDone(outcome: Outcome, step: Step): Extract<Outcome, { kind: "done" }> {
  const { who, keys, phase, unstarted } = step;
  switch (outcome.kind) {
    case "done":
      return outcome;
    case "interrupted": {
      const consequence = (outcome.started ? IN_DOUBT : unstarted)[phase];
      throw new ProxmoxMcpError("INTERRUPTED", `${who} was interrupted; ${consequence}`);
    }
    case "not started": {
      const message = `${who} could not be started: ${outcome.reason}; ${unstarted[phase]}`;
      throw new ProxmoxMcpError("SINK_FAILED", message, {
        hint: "name a program that is on the PATH or give its path, then run the command again",
      });
    }
    case "failed":
      throw sinkError(`${who} ${outcome.trouble}`, step, {
        said: lastWords(outcome.complaint, keys),
        hint: isDeviceMissing(outcome.complaint)
          ? "what opens /dev/stdin by its name needs a pipe: sh -c 'cat | COMMAND'"
          : "mend what keeps it from ending with status 0, then run the command again",
      });
  }
}

function sinkError(
  trouble: string,
  { phase }: Step,
  { said, hint }: { readonly said?: string | undefined; readonly hint: string },
): ProxmoxMcpError {
  const words = said === undefined ? "" : `. ${said}`;
  return new ProxmoxMcpError("SINK_FAILED", `${trouble}; ${IN_DOUBT[phase]}${words}`, { hint });
}

/** A socket, which a program's standard input is here, has no name that could be opened again. */
function isDeviceMissing(complaint: string): boolean {
  return /no such device or address|ENXIO/i.test(complaint);
}

/** `--key-env` reads a key from a variable of any name. */
function withoutHeld(env: Readonly<NodeJS.ProcessEnv>, keys: KeyText): NodeJS.ProcessEnv {
  const bare = (word: string) => word.replace(/^next:/, "").replace(/=+$/, "");
  const held = everyKey(keys).flatMap(({ bytes }) => [
    bare(bytes.toString("base64")),
    bytes.toString("base64url"),
  ]);
  const holdsKey = (text = "") => text.split(/\s+/).some((word) => held.includes(bare(word)));
  return Object.fromEntries(Object.entries(env).filter(([, text]) => !holdsKey(text)));
}
