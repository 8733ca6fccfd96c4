/** Who holds a lock: a note in the lock file, for people only. */
import { hostname } from "node:os";
import { dirname } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { readRegularFile } from "./read.ts";
import { systemCode } from "./system-error.ts";

/** The note for this process. */
export function describeHolder(operation: string): string {
  return `pid ${process.pid}\noperation ${operation}\nhost ${hostname()}\nsince ${new Date().toISOString()}\n`;
}

/**
 * Why a lock counts as held: the kernel says so; its file is there, which a killed holder leaves; or
 * its file is another user's and cannot be asked.
 */
export type Evidence = "flock" | "file" | "foreign";

/** The error for a lock that another run holds. The note in its file decides only the words. */
export function lockedError(lock: string, evidence: Evidence): ProxmoxMcpError {
  const { pid, operation, host, since } = readNote(lock);
  const who = [
    operation ?? "another run",
    pid === undefined ? "" : `process ${pid}`,
    host === undefined ? "" : `on ${host}`,
    since === undefined ? "" : `since ${since}`,
  ];
  const alive = pid === undefined || host !== hostname() ? undefined : isAlive(Number(pid));
  const free = `if no other run is at work on any machine or in any container, delete ${lock}`;
  return new ProxmoxMcpError(
    "LOCKED",
    `${dirname(lock)} is locked by ${who.filter(Boolean).join(" ")}; nothing was changed`,
    { where: { file: lock }, hint: wayOut(evidence, alive, free) },
  );
}

/** @param alive whether the holder still runs; `undefined` where that cannot be told from here. */
function wayOut(evidence: Evidence, alive: boolean | undefined, free: string): string {
  if (evidence === "foreign") return `its lock file is another user's: ${free}`;
  if (evidence === "file" && alive === false) return `that process is gone: ${free}`;
  const wait = "wait until it has ended, then run the command again";
  return evidence === "file" && alive === undefined ? `${wait}; or ${free}` : wait;
}

interface Note {
  readonly pid?: string | undefined;
  readonly operation?: string | undefined;
  readonly host?: string | undefined;
  readonly since?: string | undefined;
}

// Whoever may write in the directory may have written the note: only plain words are repeated.
function readNote(lock: string): Note {
  let text: string;
  try {
    text = readRegularFile(lock, 4096).bytes.toString("latin1");
  } catch {
    return {};
  }
  const word = (name: string, pattern: string): string | undefined =>
    new RegExp(`^${name} (${pattern})$`, "m").exec(text)?.[1];
  return {
    pid: word("pid", "[1-9][0-9]{0,9}"),
    operation: word("operation", "[a-z-]{1,40}"),
    host: word("host", "[A-Za-z0-9._-]{1,255}"),
    since: word("since", "[0-9TZ:.-]{1,40}"),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}
