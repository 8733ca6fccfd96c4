/**
 * The disk, and the other places that keys are read from: all that this project reads or writes. For its
 * own programs; it may change in any release.
 */
export { type AnyText, anyText, readAnyText, tooLarge } from "./any-text.ts";
export { type AuditLog, openAuditLog } from "./audit-log.ts";
export {
  backupPath,
  freeStamp,
  parseBackupName,
  stampOf,
  stampTime,
} from "./backup-name.ts";
export type { CommitDetails, Progress } from "./commit-details.ts";
export type { Committed } from "./commit-many.ts";
export { type Creation, createFile } from "./create.ts";
export { deleteBackups } from "./delete-backups.ts";
export type { FileChange, NewText } from "./file-change.ts";
export { flushFile } from "./flush-file.ts";
export { type GitSurroundings, readObjects, type StagedFile, stagedFiles } from "./git-index.ts";
export { compileGlobs, type PathMatcher } from "./glob.ts";
export {
  createKeyFile,
  MAX_KEY_BYTES,
  planKeyFile,
  readKeyFile,
  replaceKeyFile,
} from "./key-file.ts";
export { type KeyCommandOptions, readKeyText } from "./key-source.ts";
export { createKeyringEntry, type KeyringChange, replaceInKeyring } from "./keyring.ts";
export { type LoadedKeys, loadKeys, loadOtherKeys } from "./load-keys.ts";
export { type Locks, lockDirectories } from "./lock.ts";
export { isOwnName } from "./names.ts";
export { opennessOf } from "./openness.ts";
export { changedError, inspectOriginal } from "./original.ts";
export { parseSink, type Sink } from "./parse-sink.ts";
export { type PendingKey, refuseOpenDirectory } from "./pending-file.ts";
export {
  findPendingKeys,
  findPromotedPending,
  listPendingKeys,
  type PendingOptions,
  pendingKeyPath,
  removePendingKey,
  writePendingKey,
} from "./pending-key.ts";
export { refuseDirectory } from "./publish.ts";
export {
  exceedsConfig,
  type FileStat,
  hashFile,
  isDirectory,
  pathExists,
  type ReadOptions,
  readTextFile,
  resolveTarget,
  type TextFile,
} from "./read.ts";
export { hasRecord } from "./record.ts";
export type { Recovery, RecoveryWish } from "./recover.ts";
export { type Replacement, replaceFile } from "./replace.ts";
export { mentionsToken, type ScannedToken, scanTokens } from "./scan-tokens.ts";
export { type SinkPhase, type SinkReport, type SinkSurroundings, storeAtSink } from "./sink.ts";
export type { Checks } from "./stage.ts";
export { type Guess, startEarly } from "./start-early.ts";
export { makeStateDirectory, type StatePlace, stateDirectory } from "./state-directory.ts";
export { STDERR, STDOUT, writeStream } from "./stream.ts";
export { decodeText } from "./text.ts";
export { useEveryCore } from "./thread-pool.ts";
export { recoverFirst, type Scope, type Transaction, withTransaction } from "./transaction.ts";
export {
  type Backup,
  type FindOptions,
  findBackups,
  findConfigFiles,
  findEveryFile,
  findLeftovers,
  findLinks,
  findMisnamed,
  findPassedBy,
  findRunDirectories,
  isConfigName,
  isForeignStore,
  isInForeignStore,
  misnamedError,
  type PassedBy,
  type PassedByOptions,
} from "./walk.ts";
export { isWritableKeyFile } from "./writable-key-file.ts";
