/**
 * Logging by pino: to stderr, and to a file where the config names one. stdout belongs to data and to
 * the protocol. Load this module only where something is logged: pino takes its time.
 */
import { isatty } from "node:tty";
import type { LoggingSection } from "@proxmox-mcp/crypto/config";
import { STDERR } from "@proxmox-mcp/crypto/files";
import { type Level, pino } from "pino";
import { type Environment, textOf } from "../environment.ts";
import { legibleFields, legibleText } from "./legible.ts";
import type { Log } from "./log.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { openStderr } from "./stderr.ts";

/** Turns a line of JSON into what stderr gets. */
type Render = (line: string) => string;

/** A logger that follows the config in force. */
export interface Logger {
  readonly log: Log;
  /**
   * Takes the level and the file of a config. A file that cannot be opened is an error in the log,
   * and no reason to stop.
   */
  follow(section: Pick<LoggingSection, "level" | "file">): void;
  /** Opens the file anew, as it must be after a rotation of logs. */
  reopen(): void;
  /**
   * Writes a line to standard error that is none of the log, whatever the level, as it is.
   *
   * @returns whether it was taken: nobody may read there.
   */
  offer(line: string): boolean;
}

/** What a logger is made with. */
export interface LoggerOptions {
  /** Log everything, and the stacks of errors, whatever a config says. */
  readonly debug: boolean;
  /** `NO_COLOR` and `TERM` are asked where stderr is a terminal. */
  readonly env: Environment;
}

const LEVELS: Readonly<Record<LoggingSection["level"], Level>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
};

/** Makes a logger. Until it follows a config it logs from the level `info` on. */
export async function createLogger({ debug, env }: LoggerOptions): Promise<Logger> {
  const render = isatty(STDERR) ? await prettyRender(env) : (line: string) => line;
  const { write, offer } = openStderr({
    onDropped: (lines) => log("warn", "standard error was not read, lines are missing", { lines }),
  });
  const sinks: Sinks = { stderr: (line) => write(render(line)), file: undefined };
  const logger = pino(
    {
      level: debug ? "debug" : "info",
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => writeLine(line, sinks) },
  );
  const log: Log = (level, message, fields = {}) => {
    if (logger.isLevelEnabled(level)) {
      logger[level](legibleFields(fields, debug), legibleText(message));
    }
  };
  let path: string | null = null;
  const reopen = (): void => {
    sinks.file?.close();
    sinks.file = undefined;
    try {
      if (path !== null) sinks.file = openLogFile(path);
    } catch (error) {
      log("error", "there is no log file, only standard error", { error });
    }
  };
  return {
    log,
    reopen,
    offer,
    follow({ level, file }) {
      if (!debug) logger.level = LEVELS[level];
      path = file;
      reopen();
    },
  };
}

interface Sinks {
  readonly stderr: (line: string) => void;
  file: LogFile | undefined;
}

/** A log that cannot be written ends nothing: what is served matters more. */
function writeLine(line: string, sinks: Sinks): void {
  try {
    sinks.file?.write(line);
  } catch {
    sinks.file?.close();
    sinks.file = undefined;
    const level = "error";
    const msg = "the log file cannot be written any more; SIGHUP opens it again";
    sinks.stderr(`${JSON.stringify({ level, time: new Date().toISOString(), msg })}\n`);
  }
  sinks.stderr(line);
}

async function prettyRender(env: Environment): Promise<Render> {
  const { prettyFactory } = await import("pino-pretty");
  const colorize = textOf(env, "NO_COLOR") === "" && textOf(env, "TERM") !== "dumb";
  return prettyFactory({ colorize, singleLine: true, errorLikeObjectKeys: [] });
}
