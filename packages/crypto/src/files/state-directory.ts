/** The directory of a user in which a run leaves what the next one needs. */
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { syncDirectory } from "./durable.ts";
import { isDirectory } from "./read.ts";
import { directoryError, systemCode } from "./system-error.ts";
import { isOurs } from "./writer.ts";

/** What tells where a user's state is kept. */
export interface StatePlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory. */
  readonly home: string;
}

/**
 * `$XDG_STATE_HOME/proxmox-mcp`, by default below `~/.local/state`; on Windows below
 * `%LOCALAPPDATA%`. As the XDG specification wants it, a path that is not absolute counts as unset.
 */
export function stateDirectory({ env, home }: StatePlace): string {
  const [name, fallback] =
    process.platform === "win32"
      ? ["LOCALAPPDATA", join(home, "AppData", "Local")]
      : ["XDG_STATE_HOME", join(home, ".local", "state")];
  const base = Object.hasOwn(env, name) ? env[name] : undefined;
  return join(base !== undefined && isAbsolute(base) ? base : fallback, "proxmox-mcp");
}

/**
 * Makes the state directory, durably and for its owner alone. One that is there is used as it is: it
 * may be another program's, whose users a change of its mode would lock out.
 *
 * @returns its path.
 * @throws ProxmoxMcpError WRITE_FAILED, also for one that is not our own, or open to others.
 */
export function makeStateDirectory(place: StatePlace): string {
  const directory = stateDirectory(place);
  try {
    // A umask takes bits away.
    if (makeDirectory(directory)) chmodSync(directory, 0o700);
    else refuseOpen(directory);
    flushNames(directory);
  } catch (error) {
    throw directoryError(directory, error);
  }
  return directory;
}

/** @returns whether it was not there before. */
function makeDirectory(directory: string): boolean {
  if (isDirectory(directory)) return false;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  try {
    mkdirSync(directory, 0o700);
    return true;
  } catch (error) {
    // Another run made it in this moment.
    if (systemCode(error) !== "EEXIST" || !isDirectory(directory)) throw error;
    return false;
  }
}

function refuseOpen(directory: string): void {
  const stat = statSync(directory);
  const mode = stat.mode & 0o777;
  if (process.platform === "win32" || (isOurs(stat) && (mode & 0o077) === 0)) return;
  const trouble = isOurs(stat) ? `open to others (mode ${mode.toString(8)})` : "not our own";
  throw new ProxmoxMcpError(
    "WRITE_FAILED",
    `cannot keep a new key in ${directory}: the directory is ${trouble}; nothing was changed`,
    {
      where: { file: directory },
      hint: `if nothing else uses it, make it your own (chmod 700 ${directory}), or name another place in XDG_STATE_HOME`,
    },
  );
}

// All names that could be new, not only those that this run made: the one that made them may have
// died before it came to this.
function flushNames(directory: string): void {
  const parent = dirname(directory);
  if (parent === directory) return;
  try {
    syncDirectory(parent);
  } catch (error) {
    if (!CLOSED_TO_US.has(systemCode(error))) throw error;
  }
  if (statSync(parent).uid === statSync(directory).uid) flushNames(parent);
}

/** What a directory says in which this user can have made no name. */
const CLOSED_TO_US: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM", "EROFS"]);
