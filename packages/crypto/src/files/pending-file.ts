/** Reading one pending file, and refusing every one that cannot be relied on. */
import { lstatSync, type Stats, statSync } from "node:fs";
import { ProxmoxMcpError } from "../errors.ts";
import { type KeyText, parseKeyText } from "../key/key-text.ts";
import type { MasterKey } from "../key/master-key.ts";
import { readKeyFile } from "./key-file.ts";
import { systemCode, systemReason } from "./system-error.ts";
import { isOurs } from "./writer.ts";

/** A pending file, and what it holds: an active key and the successor that it is named for. */
export interface PendingKey {
  readonly path: string;
  readonly keys: KeyText & { readonly successor: MasterKey };
}

/** What people can do about a file that may hold the only copy of a key. */
export const FIND_OUT =
  "look at it by hand, and move it elsewhere only when its new key is in no key store and no config";

/**
 * Reads a pending file.
 *
 * @param id of the successor, which the file's name ends with.
 * @throws ProxmoxMcpError KEY_UNREADABLE, KEY_EMPTY, KEY_INVALID, KEY_DUPLICATE, all naming the file.
 */
export function readPendingFile(path: string, id: string): PendingKey {
  refuseForeign(path);
  const { text, warnings } = readKeyFile(path);
  const [loose] = warnings;
  if (loose !== undefined) {
    throw new ProxmoxMcpError("KEY_UNREADABLE", `a pending key is not safe: ${loose}`, {
      where: { file: path },
      hint: "if nobody else can have read or changed it, make it mode 600, then run the command again",
    });
  }
  const { successor, ...keys } = parse(path, text);
  if (successor?.id === id) return { path, keys: { ...keys, successor } };
  throw damaged(path, "KEY_INVALID", "it does not hold the new key that it is named for");
}

/** Whether something is at a path, a link counting as itself. @throws ProxmoxMcpError KEY_UNREADABLE. */
export function isPending(path: string): boolean {
  return look(() => lstatSync(path, { throwIfNoEntry: false }), path) !== undefined;
}

/**
 * Refuses a directory in which others could put a file: they could make the next rotation use a key
 * of their own. One that is not there holds nothing.
 *
 * @throws ProxmoxMcpError KEY_UNREADABLE.
 */
export function refuseOpenDirectory(directory: string): void {
  const stat = look(() => statSync(directory, { throwIfNoEntry: false }), directory);
  if (stat === undefined || process.platform === "win32") return;
  if (isOurs(stat) && (stat.mode & 0o022) === 0) return;
  throw new ProxmoxMcpError(
    "KEY_UNREADABLE",
    `others may write in ${directory}, where new keys wait`,
    {
      where: { file: directory },
      hint: `make it your own and close it (chmod 700 ${directory}), then look at what is in it`,
    },
  );
}

/** The error for a place that cannot be looked into. What is no system error is given back as it is. */
export function unseenError(path: string, error: unknown): unknown {
  if (systemCode(error) === undefined) return error;
  return new ProxmoxMcpError(
    "KEY_UNREADABLE",
    `cannot see whether a new key waits in ${path}: ${systemReason(error)}`,
    { where: { file: path }, cause: error, hint: "make it readable, then run the command again" },
  );
}

function refuseForeign(path: string): void {
  const stat = look(() => lstatSync(path, { throwIfNoEntry: false }), path);
  if (stat === undefined || (isOurs(stat) && !stat.isSymbolicLink())) return;
  const trouble = stat.isSymbolicLink()
    ? "it is a symbolic link"
    : `it belongs to user ${stat.uid}`;
  throw new ProxmoxMcpError("KEY_UNREADABLE", `the pending file ${path} is not ours: ${trouble}`, {
    where: { file: path },
    hint: "find out who made it, then move it elsewhere",
  });
}

function parse(path: string, text: string): KeyText {
  try {
    return parseKeyText(text);
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    throw damaged(path, error.code, error.message).at(error.where);
  }
}

function damaged(path: string, code: ProxmoxMcpError["code"], trouble: string): ProxmoxMcpError {
  return new ProxmoxMcpError(code, `the pending file ${path} is damaged: ${trouble}`, {
    where: { file: path },
    hint: FIND_OUT,
  });
}

function look(stat: () => Stats | undefined, path: string): Stats | undefined {
  try {
    return stat();
  } catch (error) {
    throw unseenError(path, error);
  }
}
