/** What a rotation finds before it changes anything: the files, and the key that they are to get. */
import type { KeyText, MasterKey, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { pathExists, readKeyFile } from "@proxmox-mcp/crypto/files";
import { holdsKey } from "@proxmox-mcp/crypto/internal";
import { readDocument } from "../input.ts";
import type { RotateKeyAllInvocation, RotateKeyInvocation } from "../invocation.ts";
import type { Io } from "../io.ts";
import { type Keys, withOtherKey } from "../keys.ts";
import { createReport } from "../progress.ts";
import type { Destination } from "./destination.ts";
import { chooseNewKey, findWaitingKey, type NewKey } from "./new-key.ts";
import { type FailedFile, type Survey, type SurveyedFile, survey } from "./survey.ts";
import type { Targets } from "./targets.ts";
import { refuseUnreadable } from "./unreadable.ts";

/** A rotation that was asked for. */
export interface Run extends Targets {
  readonly io: Io;
  readonly invocation: RotateKeyInvocation | RotateKeyAllInvocation;
  readonly destination: Destination;
}

/** What the first pass gave. */
export interface Looked {
  readonly run: Run;
  readonly keys: Keys;
  /** Every key that may open a token, the waiting one among them. */
  readonly openingKeys: KeyText;
  /** `undefined` where nothing is to be rotated and no key waits. */
  readonly newKey: NewKey | undefined;
  readonly survey: Survey;
  /** The files that are not wholly on the new key. */
  readonly todo: readonly SurveyedFile[];
  readonly warnings: readonly string[];
}

/**
 * The first pass.
 *
 * @throws ProxmoxMcpError for files that cannot be rotated, unless they are to be left out; for a
 * destination that cannot be used; INTERRUPTED.
 */
export async function look(run: Run, keys: Keys): Promise<Looked> {
  const { io, invocation, destination, targets } = run;
  const waiting = findWaitingKey(io, destination, keys.keys);
  const openingKeys = withKey(keys.openingKeys, waiting);
  const report = createReport(io, invocation.json);
  const found = await survey(io, targets, { keys: openingKeys, deriver: keys.deriver }, (done) =>
    report("check", done, targets.length),
  );
  if (!invocation.skipUnreadable) {
    refuseUnreadable(await withHint(run, found.failed), targets.length);
  }
  const newKey = chooseNewKey(waiting, keys.keys, found, io.random);
  const todo = found.files.filter(({ fields }) =>
    fields.some(({ keyId }) => keyId !== newKey?.key.id),
  );
  const { warnings } = destination.kind === "given" ? readKeyFile(destination.path) : keys;
  return {
    run,
    keys,
    openingKeys,
    newKey,
    survey: found,
    todo,
    warnings: [...new Set([...keys.warnings, ...warnings])],
  };
}

/** Whether neither a file nor a key text has to change. */
export function isIdle({ todo, newKey, run }: Looked): boolean {
  if (newKey === undefined) return true;
  return todo.length === 0 && isSwitched(run.destination, newKey);
}

function isSwitched(destination: Destination, { origin }: NewKey): boolean {
  if (origin === "active" || destination.kind === "given") return true;
  // The key may have been found elsewhere.
  return destination.kind === "out" && pathExists(destination.path);
}

// Another source at hand may hold the right key. The first file stands for all of them.
async function withHint(
  { io, invocation }: Run,
  failed: readonly FailedFile[],
): Promise<readonly FailedFile[]> {
  const [file, ...others] = failed;
  const [first, ...more] = file?.problems ?? [];
  if (file === undefined || first?.code !== "NO_KEY_OPENS") return failed;
  const { document } = await readDocument(io, file.path);
  const known = (await withOtherKey(io, invocation, document, first)) as ProxmoxMcpError;
  return [{ ...file, problems: [known, ...more] }, ...others];
}

function withKey(keys: KeyText, key: MasterKey | undefined): KeyText {
  if (key === undefined || holdsKey(keys, key)) return keys;
  return { ...keys, retired: [...keys.retired, key] };
}
