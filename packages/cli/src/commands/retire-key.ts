/** `retire-key`: the only command that removes a key. It does so when nothing at hand needs it. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { isInForeignStore, type Recovery, withTransaction } from "@proxmox-mcp/crypto/files";
import { confirmed } from "../confirm.ts";
import type { RetireKeyInvocation } from "../invocation.ts";
import { type Io, refuseInterrupted } from "../io.ts";
import { findKeys, type Keys } from "../keys.ts";
import { createReport } from "../progress.ts";
import { keyFlagsOf } from "../render/printed-command.ts";
import { retirementPlan } from "../render/retire-key.ts";
import { afterRecovery } from "../rotation/after-recovery.ts";
import type { Destination } from "../rotation/destination.ts";
import { dropOldKeys, refuseOtherArchive } from "../rotation/drop-keys.ts";
import {
  directoriesOfRuns,
  directoriesWithBackups,
  directoriesWithLeftovers,
  findEverything,
} from "../rotation/everything.ts";
import { findDestination } from "../rotation/find-destination.ts";
import { keyDirectories } from "../rotation/key-store.ts";
import { findNeeds } from "../rotation/needs.ts";
import { refuseObstacles } from "../rotation/refuse-retirement.ts";
import {
  findRetiringKeys,
  keyNames,
  neededBackups,
  type Obstacle,
  obstaclesAmong,
  oldBackups,
  type RetiringKeys,
  successorObstacle,
  unusedObstacle,
} from "../rotation/retirement.ts";

/** What `retire-key` did, or would do. */
export interface RetireResult {
  readonly command: "retire-key";
  /** `nothing` where the active key stood alone already. */
  readonly outcome: "retired" | "planned" | "nothing";
  readonly directories: readonly string[];
  readonly keyFrom: string;
  readonly activeKeyId: string | undefined;
  /** The ids of the keys that went, or would go; `undefined` for a key of unusual length. */
  readonly oldKeyIds: readonly (string | undefined)[];
  /** Where the key text is kept; `undefined` where nothing there had to change, or nothing can. */
  readonly destination: Destination | undefined;
  /** How many files were looked through. */
  readonly filesChecked: number;
  /** What stands in the way: in a dry run alone, since otherwise they are an error. */
  readonly obstacles: readonly Obstacle[];
  /** The backups that open only with an old key. */
  readonly backups: readonly string[];
  /** Whether those were deleted, or would be. */
  readonly deletesBackups: boolean;
  /** The key file that keeps the old keys. */
  readonly archive: string | undefined;
  /** The pending file that goes, or would go, since its new key is the active one. */
  readonly pendingFile: string | undefined;
  /** Files with tokens that no key at hand opens. */
  readonly unopened: readonly { readonly path: string; readonly lines: readonly number[] }[];
  readonly recovered: readonly Recovery[];
  readonly warnings: readonly string[];
}

/**
 * Runs `retire-key`.
 *
 * @throws ProxmoxMcpError RETIRE_REFUSED and whatever else comes before, with nothing changed; later
 * failures say what was done by then, and the run can be repeated.
 */
export async function retireKey(io: Io, invocation: RetireKeyInvocation): Promise<RetireResult> {
  refuseContradiction(invocation);
  const found = await findKeys(io, invocation);
  const run = { io, invocation, destination: chooseStore(io, invocation, found) };
  if (invocation.dryRun) return planned(run, found);
  const scope = { directories: directoriesOf(run), operation: "retire-key" };
  return withTransaction(scope, ({ locks, recovered }) =>
    afterRecovery(recovered, async () => {
      // Whoever held the locks before may have changed the key text; so may the recovery.
      const keys = found.source.kind === "variable" ? found : await findKeys(io, invocation);
      refuseNoStore(run, keys);
      const looked = await look(run, keys);
      const { retiring, result } = looked;
      refuseObstacles(result.obstacles, retiring.old);
      if (retiring.old.length === 0) return { ...result, outcome: "nothing", recovered };
      await confirmed(io, invocation, retirementPlan(result), `Retire ${keyNames(retiring.old)}?`);
      refuseInterrupted(io);
      const { archive, backups, deletesBackups } = result;
      const storing = { io, destination: run.destination, keys: keys.keys, locks };
      const outdated = deletesBackups ? backups : [];
      await dropOldKeys(storing, retiring, { archive, backups: outdated });
      return { ...result, outcome: "retired", recovered };
    }),
  );
}

interface Run {
  readonly io: Io;
  readonly invocation: RetireKeyInvocation;
  readonly destination: Destination | undefined;
}

/** What was found by looking, and nothing is changed yet. */
interface Looked {
  readonly retiring: RetiringKeys;
  readonly result: Omit<RetireResult, "outcome">;
}

async function planned(run: Run, keys: Keys): Promise<RetireResult> {
  const { retiring, result } = await look(run, keys);
  const isIdle = retiring.old.length === 0 && result.obstacles.length === 0;
  const open = directoriesWithLeftovers(run.invocation.directories).map(
    (directory) => `${directory} holds what an interrupted run left: it is closed before all else`,
  );
  const noStore = storeProblem(run, keys);
  return {
    ...result,
    outcome: isIdle ? "nothing" : "planned",
    warnings: [...result.warnings, ...open, ...(noStore === undefined ? [] : [noStore.message])],
  };
}

async function look({ io, invocation, destination }: Run, keys: Keys): Promise<Looked> {
  const { directories, archiveKey, deleteBackups, newKeySink } = invocation;
  const place = { ...keyFlagsOf(invocation), hasSink: newKeySink !== undefined };
  const retiring = findRetiringKeys(io, keys.keys);
  const { active, old, pending, waiting } = retiring;
  const result = {
    command: invocation.command,
    directories,
    keyFrom: keys.from,
    activeKeyId: active.id,
    oldKeyIds: old.map(({ id }) => id),
    destination: keys.keys.retired.length > 0 ? destination : undefined,
    filesChecked: 0,
    obstacles: [],
    backups: [],
    deletesBackups: false,
    archive: undefined,
    pendingFile: pending?.path,
    unopened: [],
    recovered: [],
    warnings: keys.warnings,
  };
  if (waiting !== undefined) {
    const obstacles = [successorObstacle(waiting, directories, place)];
    return { retiring, result: { ...result, obstacles } };
  }
  if (old.length === 0) return { retiring, result };
  if (archiveKey !== undefined) refuseOtherArchive(archiveKey, old);
  const everything = await findEverything(directories);
  const { files } = everything;
  const report = createReport(io, invocation.json);
  const opening = {
    keys: { active, successor: undefined, retired: old },
    deriver: keys.deriver,
  };
  const needs = await findNeeds(io, files, opening, (done) => report("check", done, files.length));
  const mayGo = deleteBackups || archiveKey !== undefined;
  const amongFiles = obstaclesAmong(needs, everything, mayGo, place);
  const isUnused = !needs.usesActive && amongFiles.length === 0;
  const backups = oldBackups(needs, everything);
  const needed = deleteBackups ? await neededBackups(io, backups, everything, keys) : [];
  return {
    retiring,
    result: {
      ...result,
      filesChecked: files.length,
      obstacles: [...(isUnused ? [unusedObstacle(active, directories)] : amongFiles), ...needed],
      backups,
      deletesBackups: deleteBackups,
      archive: archiveKey,
      // Packages and commits come with tokens of others, as examples in their documentation.
      unopened: needs.files
        .filter(({ path, unopenedLines }) => unopenedLines.length > 0 && !isInForeignStore(path))
        .map(({ path, unopenedLines }) => ({ path, lines: unopenedLines })),
    },
  };
}

/**
 * What must be locked: where another run is at work or was killed, and where something is going to be
 * written or deleted. That a backup is restored meanwhile, or a successor stored at the same sink, is
 * shut out with it.
 */
function directoriesOf({ io, invocation, destination }: Run): readonly string[] {
  const { directories, deleteBackups } = invocation;
  return [
    ...directoriesOfRuns(directories),
    ...(deleteBackups ? directoriesWithBackups(directories) : []),
    ...(destination === undefined ? [] : keyDirectories(io, destination)),
  ];
}

function chooseStore(
  io: Io,
  invocation: RetireKeyInvocation,
  { source }: Keys,
): Destination | undefined {
  try {
    return findDestination(io, invocation, source, false);
  } catch (error) {
    // No place is needed where no key goes.
    if (error instanceof ProxmoxMcpError && error.code === "KEY_DESTINATION") return undefined;
    throw error;
  }
}

function refuseNoStore(run: Run, keys: Keys): void {
  const problem = storeProblem(run, keys);
  if (problem !== undefined) throw problem;
}

function storeProblem({ destination }: Run, { keys, from }: Keys): ProxmoxMcpError | undefined {
  if (destination !== undefined || keys.retired.length === 0) return undefined;
  return new ProxmoxMcpError(
    "KEY_DESTINATION",
    `the old keys cannot be taken out of ${from}: it cannot be written; nothing was changed`,
    {
      hint: "name the command that stores the key text with --new-key-sink; or, once --dry-run finds nothing in the way, take them out by hand",
    },
  );
}

function refuseContradiction({ deleteBackups, archiveKey }: RetireKeyInvocation): void {
  if (!deleteBackups || archiveKey === undefined) return;
  throw new ProxmoxMcpError("USAGE", "--delete-backups and --archive-key exclude each other", {
    hint: "delete the old backups, or keep the key that opens them",
  });
}
