/** The disk, and the other places that keys are read from: all that this project reads or writes. */
export { type AuditLog, openAuditLog } from "./audit-log.ts";
export { type Creation, createFile } from "./create.ts";
export { createKeyFile, MAX_KEY_BYTES } from "./key-file.ts";
export type { KeyCommandOptions } from "./key-source.ts";
export { type LoadedKeys, loadKeys, loadOtherKeys } from "./load-keys.ts";
export { type Locks, lockDirectories } from "./lock.ts";
export { opennessOf } from "./openness.ts";
export {
  type FileStat,
  isDirectory,
  mentionsToken,
  pathExists,
  type ReadOptions,
  readTextFile,
  resolveTarget,
  type TextFile,
} from "./read.ts";
export { type Replacement, replaceFile } from "./replace.ts";
export type { Checks } from "./stage.ts";
export { STDERR, STDOUT, writeStream } from "./stream.ts";
export { decodeText } from "./text.ts";
export { useEveryCore } from "./thread-pool.ts";
export { findConfigFiles } from "./walk.ts";
