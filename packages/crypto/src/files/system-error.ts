/** Failures of the operating system in words for people, with a code and a way out. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";

/** The name of a system error, such as `ENOENT`; `undefined` for anything else that was thrown. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  // Node has no name for a disk quota that is used up; its number is the same wherever it is met.
  if ("errno" in error && error.errno === -122) return "EDQUOT";
  return typeof error.code === "string" ? error.code : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBUSY: "it is in use or a mount point",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  EFBIG: "the file would be larger than this process or file system allows",
  EINVAL: "the file system does not support this",
  EIO: "the device reported an input or output error",
  EISDIR: "it is a directory",
  ELOOP: "there are too many symbolic links on the way",
  EMFILE: "this process has too many open files",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "the system has too many open files",
  ENODEV: "there is no such device",
  ENOENT: "no such file or directory",
  ENOLCK: "the file system has no locks to give",
  ENOSPC: "no space is left on the device",
  ENOSYS: "the system does not support this",
  ENOTDIR: "a part of its path is not a directory",
  ENOTSUP: "the file system does not support this",
  ENXIO: "there is no such device or it is a socket",
  EOPNOTSUPP: "the file system does not support this",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only",
  ESTALE: "the network file system lost the file",
  ETXTBSY: "it is a program that runs at this moment",
  EXDEV: "it lies on another file system",
};

/** Why a system call failed, as a clause: "permission denied". */
export function systemReason(error: unknown): string {
  const code = systemCode(error) ?? "without a code";
  return REASONS[code] ?? `system error ${code}`;
}

/**
 * Why a step failed that leaves a transaction open, as a clause. @returns `undefined` for what is no
 * failure of the disk, and for an error that says itself that something is open.
 */
export function reasonOf(error: unknown): string | undefined {
  if (systemCode(error) !== undefined) return systemReason(error);
  if (error instanceof ProxmoxMcpError && error.code !== "NOT_CLOSED") return error.message;
  return undefined;
}

/** The error for a file that could not be read. What is no system error is given back as it is. */
export function readError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  const detail = { where: { file: path }, cause: error };
  switch (code) {
    case "ENOENT":
      return new ProxmoxMcpError("FILE_NOT_FOUND", `Config file not found: ${path}`, detail);
    case "EISDIR":
      return new ProxmoxMcpError("FILE_NOT_REGULAR", `cannot read ${path}: it is a directory`, {
        ...detail,
        hint: "name a file in it",
      });
    case "EACCES":
    case "EPERM":
      return new ProxmoxMcpError("FILE_UNREADABLE", `cannot read ${path}: permission denied`, {
        ...detail,
        hint: "run as a user who may read the file and enter its directories",
      });
    default:
      return new ProxmoxMcpError(
        "FILE_UNREADABLE",
        `cannot read ${path}: ${systemReason(error)}`,
        detail,
      );
  }
}

const WRITE_HINTS: Readonly<Record<string, (directory: string) => string>> = {
  EACCES: (directory) => `run as a user who may write in ${directory}`,
  EBUSY: () =>
    "a file that is itself a mount point (a bind mount, a subPath) cannot be replaced: " +
    "mount its directory instead, or work on a copy elsewhere",
  EDQUOT: () => "free some of your disk quota, then run the command again",
  EFBIG: () => "raise the limit (ulimit -f), then run the command again",
  EIO: () => "check the disk, then run the command again, or work on a copy elsewhere",
  EMFILE: () => "raise the limit (ulimit -n), then run the command again",
  ENAMETOOLONG: () => "use a name at least 25 bytes shorter: files beside it carry a longer one",
  // The system says the same of a directory that is there and takes no file, such as /proc.
  ENOENT: (directory) =>
    existsSync(directory)
      ? `no file can be made in ${directory}: use another directory`
      : `create the directory first: mkdir -p ${directory}`,
  ENOSPC: () => "free some space, then run the command again",
  ENOTDIR: (directory) => `check the path: ${directory} is not a directory`,
  EPERM: (directory) =>
    `run as a user who may write in ${directory}, and see whether something in it is immutable (lsattr)`,
  EROFS: () => "make the file system writable, or work on a copy elsewhere",
};

/**
 * The error for a write that changed nothing: the words "nothing was changed" are its promise.
 * What is no system error is given back as it is.
 */
export function writeError(path: string, error: unknown): unknown {
  return unchangedError(`cannot write ${path}`, path, dirname(path), error);
}

/** As `writeError`, for a file whose old text could not be kept. The words are those of the Python tool. */
export function backupError(path: string, error: unknown): unknown {
  return unchangedError(`Failed to create backup of ${path}`, path, dirname(path), error);
}

/** As `writeError`, for a directory in which nothing can be written. */
export function directoryError(directory: string, error: unknown): unknown {
  return unchangedError(`cannot write in ${directory}`, directory, directory, error);
}

function unchangedError(trouble: string, file: string, directory: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  const hint = WRITE_HINTS[code]?.(directory);
  return new ProxmoxMcpError(
    "WRITE_FAILED",
    `${trouble}: ${systemReason(error)}; nothing was changed`,
    { where: { file }, cause: error, ...(hint === undefined ? {} : { hint }) },
  );
}

/** The error for a failure after a file took its new name: there, but perhaps not after a power cut. */
export function durabilityError(
  path: string,
  done: "replaced" | "written",
  error: unknown,
): unknown {
  if (systemCode(error) === undefined) return error;
  return new ProxmoxMcpError(
    "NOT_CLOSED",
    `${path} was ${done}, but its durability is unknown: ${systemReason(error)}`,
    {
      where: { file: path },
      cause: error,
      hint: "check the disk, and read the file back before you rely on it",
    },
  );
}
