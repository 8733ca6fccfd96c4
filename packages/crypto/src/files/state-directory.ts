/** The directory of a user in which a run leaves what the next one needs. */
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { syncDirectory } from "./durable.ts";
import { isDirectory } from "./read.ts";
import { directoryError, systemCode } from "./system-error.ts";

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
 * Makes the state directory, durably and for its owner alone, and tightens one that is there.
 *
 * @returns its path.
 * @throws ProxmoxMcpError WRITE_FAILED.
 */
export function makeStateDirectory(place: StatePlace): string {
  const directory = stateDirectory(place);
  try {
    makeDirectory(directory);
    // A umask takes bits away, and an older directory may have too many.
    if ((statSync(directory).mode & 0o7777) !== 0o700) chmodSync(directory, 0o700);
    flushNames(directory);
  } catch (error) {
    throw directoryError(directory, error);
  }
  return directory;
}

function makeDirectory(directory: string): void {
  if (isDirectory(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  try {
    mkdirSync(directory, 0o700);
  } catch (error) {
    // Another run made it in this moment.
    if (systemCode(error) !== "EEXIST" || !isDirectory(directory)) throw error;
  }
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
