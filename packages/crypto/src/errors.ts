/**
 * Every failure of this project: a stable code, a place, a cause and a way out.
 *
 * Callers switch on `code`; wording may change. Programmer mistakes stay `TypeError`.
 */

import { redactCutKeys, redactKeys } from "./key/key-shape.ts";

/** The stable codes, each with the exit status that both binaries give it. */
export const EXIT_STATUS = {
  UNEXPECTED: 1,
  USAGE: 2,
  KEY_MISSING: 3,
  KEY_EMPTY: 3,
  KEY_INVALID: 3,
  KEY_DUPLICATE: 3,
  KEY_CONFLICT: 3,
  KEY_UNREADABLE: 3,
  KEY_DESTINATION: 3,
  NO_KEY_OPENS: 4,
  FILE_NOT_FOUND: 5,
  FILE_NOT_REGULAR: 5,
  FILE_UNREADABLE: 5,
  FILE_EMPTY: 5,
  FILE_NOT_TEXT: 5,
  FILE_NOT_CONFIG: 5,
  SYNTAX: 5,
  DUPLICATE_FIELD: 5,
  AMBIGUOUS: 5,
  SECRET_NOT_STRING: 5,
  NO_SECRETS: 5,
  BACKUP_UNUSABLE: 5,
  FIELD_NOT_FOUND: 5,
  PLACEHOLDER: 5,
  VARIABLE_MISSING: 5,
  VARIABLE_FORBIDDEN: 5,
  SCHEMA: 5,
  TOO_MANY_DERIVATIONS: 5,
  LISTEN_FAILED: 5,
  TOKEN_MALFORMED: 6,
  TOKEN_NEWER: 6,
  TOKEN_OPAQUE: 6,
  TOKEN_MISPLACED: 6,
  TOKEN_NOT_BOUND: 6,
  FINDING: 7,
  RETIRE_REFUSED: 7,
  OUTPUT_EXISTS: 8,
  KEY_FILE_EXISTS: 8,
  KEYRING_ENTRY_EXISTS: 8,
  WRITE_FAILED: 8,
  FILE_CHANGED: 8,
  SINK_FAILED: 8,
  KEYRING_FAILED: 8,
  AUDIT_FAILED: 8,
  NOT_CLOSED: 9,
  LOCKED: 10,
  PROXMOX_UNREACHABLE: 11,
  PROXMOX_TIMEOUT: 11,
  PROXMOX_TLS: 11,
  NODE_UNREACHABLE: 11,
  PROXMOX_ANSWER: 11,
  PROXMOX_UNAUTHORIZED: 12,
  PROXMOX_FORBIDDEN: 12,
  PROXMOX_INVALID: 12,
  PROXMOX_FAILED: 12,
  TASK_FAILED: 12,
  TASK_RUNNING: 12,
  GUEST_NOT_FOUND: 12,
  GUEST_STATE: 12,
  AGENT_UNAVAILABLE: 12,
  POLICY_DENIED: 12,
  CONFIRMATION: 12,
  CANCELLED: 130,
  INTERRUPTED: 130,
} as const;

/** A stable error code. New ones may appear in a minor version; none changes its meaning. */
export type ErrorCode = keyof typeof EXIT_STATUS;

const AGAIN = "run the command again";

// For failures whose finder knows no better one.
const WAYS_OUT: Readonly<Partial<Record<ErrorCode, string>>> = {
  AMBIGUOUS: `write it in a way that every reader understands alike, then ${AGAIN}`,
  FILE_NOT_CONFIG: "name the config; the key is found by --key-file or PROXMOX_MCP_MASTER_KEY_FILE",
  FILE_EMPTY: "put the file back from its backup, or name another one",
  FILE_NOT_FOUND: "check the path and the directory that this command was started in",
  FILE_NOT_REGULAR: "name a file",
  FILE_NOT_TEXT: "name a text file, or save this one as UTF-8",
  FILE_UNREADABLE: `make the file readable, then ${AGAIN}`,
  INTERRUPTED: AGAIN,
  SYNTAX: `correct the file at this place, then ${AGAIN}`,
  WRITE_FAILED: `mend what is wrong there, then ${AGAIN}`,
};

// Of what is not there: whoever gave a part of a key for its name can do without it.
const NOT_THERE: readonly ErrorCode[] = ["FILE_NOT_FOUND", "KEY_MISSING", "KEY_UNREADABLE"];

/** Where a failure is. Lines and columns count from 1; columns count UTF-16 code units. */
export interface Where {
  readonly file?: string;
  /** An RFC 6901 JSON Pointer, or `env:NAME` in a .env file or an environment. */
  readonly location?: string;
  readonly line?: number;
  readonly column?: number;
}

/** What an error carries beside its message. */
export interface ErrorDetail {
  readonly where?: Where;
  /** The way out: one sentence, with the command that mends it where there is one. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Every single failure, where this error stands for several. */
  readonly problems?: readonly ProxmoxMcpError[];
}

/** The one error class. Neither message nor hint ever holds a secret, a key or a part of one. */
export class ProxmoxMcpError extends Error {
  override readonly name = "ProxmoxMcpError";
  readonly code: ErrorCode;
  readonly where: Where;
  readonly hint: string | undefined;
  /** Every single failure, where this error stands for several. */
  readonly problems: readonly ProxmoxMcpError[];

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.where = detail.where ?? {};
    this.hint = detail.hint ?? WAYS_OUT[code];
    this.problems = detail.problems ?? [];
  }

  /** The same failure, placed more exactly: what `where` names fills what this error left open. */
  at(where: Where): ProxmoxMcpError {
    const { hint, cause, problems } = this;
    return new ProxmoxMcpError(this.code, this.message, {
      where: { ...where, ...this.where },
      hint,
      cause,
      problems,
    });
  }
}

/**
 * The one line that both binaries print for a failure: code, place, what happened, and the way out.
 * Line breaks cannot occur in it, whatever a file name holds, nor a master key that was given in the
 * place of a name, or what is left of one in the place of something that is not there.
 */
export function formatError(error: ProxmoxMcpError): string {
  const { file, location, line } = error.where;
  // Many messages about whole files name them already.
  const isNamed = line === undefined && file !== undefined && error.message.includes(file);
  const place = isNamed ? undefined : placeOf(error.where);
  const subject = [place, location].filter((part) => part !== undefined && part !== "").join(" ");
  const text = [`error[${error.code}]`, subject, error.message]
    .filter((part) => part !== "")
    .join(": ");
  const redact = redactorOf(error.code);
  return printable(redact(error.hint === undefined ? text : withWayOut(text, error.hint)));
}

// As editors write it. Without a file a number alone would say nothing.
function placeOf({ file, line, column }: Where): string | undefined {
  if (line === undefined) return file;
  if (file !== undefined)
    return [file, line, column].filter((part) => part !== undefined).join(":");
  return column === undefined ? `line ${line}` : `line ${line}, column ${column}`;
}

// A command at the end may itself end in a full stop, the name of this directory; two name another one.
function withWayOut(text: string, hint: string): string {
  return `${text}. Way out: ${hint}${hint.endsWith(".") ? "" : "."}`;
}

/**
 * A failure as JSON, the same in every program. Parts of the place that do not apply are left out;
 * what looks like a master key is hidden, as in `formatError`.
 */
export function errorJson({ code, message, where, hint, problems }: ProxmoxMcpError): object {
  const redact = redactorOf(code);
  const texts = Object.entries({ message, ...where, hint: hint ?? null }).map(([name, value]) => [
    name,
    typeof value === "string" ? redact(value) : value,
  ]);
  const details = problems.length === 0 ? {} : { problems: problems.map(errorJson) };
  return { code, ...Object.fromEntries(texts), ...details };
}

/** The stack of whatever was thrown, with those of its causes: for debugging alone. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${stackOf(error.cause)}`;
  return `${redactCutKeys(error.stack ?? error.message)}${cause}`;
}

function redactorOf(code: ErrorCode): (text: string) => string {
  return NOT_THERE.includes(code) ? redactCutKeys : redactKeys;
}

/**
 * Takes whatever was thrown for a failure. The text of a foreign error may quote what it failed on,
 * so it becomes the cause and no part of the message.
 */
export function asKnownError(error: unknown): ProxmoxMcpError {
  if (error instanceof ProxmoxMcpError) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new ProxmoxMcpError("UNEXPECTED", `unexpected failure (${name})`, {
    hint: "run it again with --debug and report what it prints",
    cause: error,
  });
}

const PLAIN = /^[\x20-\x7e]*$/;

/**
 * A text that cannot repaint a terminal, disguise itself or hide a part of itself: names of files and
 * fields come from others. Control characters, line breaks, marks of direction and whatever is not
 * seen become `\u` escapes; so do the joiners in an emoji.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  // Written where it is used: what Unicode says of its classes takes a millisecond to be looked up.
  return text.replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, escaped);
}

function escaped(character: string): string {
  const code = Number(character.codePointAt(0)).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}
