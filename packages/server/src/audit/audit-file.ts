/** A file as the place of the audit log: appended to, whole lines only, never cut. */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { auditUnfitness } from "../config/audit-fitness.ts";
import type { AuditPlace } from "./place.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_RDWR } = constants;
// Windows has neither flag: there a link is looked at before it is opened.
const NO_LINK = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** Bytes at the end of a file in which its last line is looked for. Lines are much shorter. */
const TAIL = 64 * 1024;
const MAC = /,"mac":"([0-9a-f]{64})"\}$/;

/**
 * Opens the file, or makes it with mode 0600.
 *
 * @throws Error of the file system, or ProxmoxMcpError FILE_NOT_REGULAR, WRITE_FAILED for a file that
 * can be no audit log.
 */
export function openAuditFile(path: string): AuditPlace {
  const descriptor = open(path);
  const { after, isTorn } = endOf(descriptor);
  let isMidLine = isTorn;
  return {
    after,
    append(line) {
      // Once more, because a disk that takes a part of a line says why only to the next one.
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const before = isMidLine ? "\n" : "";
        const bytes = Buffer.from(before + line, "utf8");
        const written = writeSync(descriptor, bytes);
        if (written > 0) isMidLine = written > before.length && written < bytes.length;
        // Its line end is all that it lacks: what comes next begins with one.
        if (written >= bytes.length - 1) return;
      }
      throw new ProxmoxMcpError("WRITE_FAILED", `${path} takes only parts of lines`);
    },
    flush: () => fdatasyncSync(descriptor),
    isGone: () => fstatSync(descriptor).nlink === 0,
    close: () => closeSync(descriptor),
  };
}

function open(path: string): number {
  try {
    const descriptor = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o600);
    flushName(path);
    return descriptor;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return openExisting(path);
  }
}

function openExisting(path: string): number {
  refuse(auditUnfitness(path, lstatSync(path)));
  const descriptor = openSync(path, O_RDWR | O_APPEND | NO_LINK);
  try {
    // The name may lead to another file by now.
    refuse(auditUnfitness(path, fstatSync(descriptor), descriptor));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function refuse(problem: ProxmoxMcpError | undefined): void {
  if (problem !== undefined) throw problem;
}

/** The mac of the last line that is whole, and whether a piece of one stands after it. */
function endOf(descriptor: number): { readonly after: string | null; readonly isTorn: boolean } {
  const { size } = fstatSync(descriptor);
  const bytes = Buffer.alloc(Math.min(size, TAIL));
  const read = readSync(descriptor, bytes, { position: size - bytes.length });
  const lines = bytes.toString("latin1", 0, read).split("\n");
  const isTorn = lines.pop() !== "" && size > 0;
  const last = lines.findLast((line) => MAC.test(line));
  return { after: MAC.exec(last ?? "")?.[1] ?? null, isTorn };
}

// Not every file system has directories that can be flushed; then it is as durable as it gets.
function flushName(path: string): void {
  try {
    const directory = openSync(dirname(path), constants.O_RDONLY);
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  } catch {
    // A directory that may not be read, or Windows.
  }
}
