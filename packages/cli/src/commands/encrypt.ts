/** `encrypt`: seals the plain secrets of a config, into a new file, in place or to stdout. */
import { dirname } from "node:path";
import {
  type Document,
  type Plan,
  ProxmoxMcpError,
  planEncryption,
  type Sealer,
  type SecretField,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import {
  createFile,
  type Locks,
  pathExists,
  replaceFile,
  resolveTarget,
  type TextFile,
} from "@proxmox-mcp/crypto/files";
import type { KeyFlags } from "@proxmox-mcp/crypto/internal";
import { type ClosedFirst, closeFirst } from "../close-first.ts";
import { withEarlyLock } from "../early-lock.ts";
import { encryptedName } from "../encrypted-name.ts";
import { refuseKeyFile, requireSameSecrets } from "../existing-output.ts";
import { type Input, inFile, parseInput, readInput } from "../input.ts";
import type { EncryptInvocation } from "../invocation.ts";
import { type Io, refuseInterrupted } from "../io.ts";
import { findKeys, type Keys, prepareSealer, requireStillActive, withOtherKey } from "../keys.ts";
import { keyFlagsOf } from "../render/printed-command.ts";

/** What `encrypt` did. */
export interface EncryptResult extends ClosedFirst {
  readonly command: "encrypt";
  readonly input: string;
  /** `undefined` where nothing was to be encrypted and nothing was written. */
  readonly output: string | undefined;
  /** The encrypted text, where the output is stdout. */
  readonly text: string | undefined;
  readonly encrypted: readonly SecretField[];
  readonly kept: readonly SecretField[];
  readonly lookalikes: readonly SecretField[];
  readonly keyId: string | undefined;
  /** The flags that said where the key is. */
  readonly keyFlags: KeyFlags;
  /** The file that still holds the secrets in plain text, if one does. */
  readonly plainFile: string | undefined;
  readonly warnings: readonly string[];
}

/** Runs `encrypt`. @throws ProxmoxMcpError with nothing changed. */
export async function encrypt(io: Io, invocation: EncryptInvocation): Promise<EncryptResult> {
  const { file: name, output, inPlace } = invocation;
  if (inPlace && (output !== undefined || name === "-")) {
    throw new ProxmoxMcpError("USAGE", "--in-place needs a file and excludes --output", {
      hint: "write `encrypt FILE --in-place` or `encrypt FILE -o OUT`",
    });
  }
  const target = inPlace ? name : (output ?? (name === "-" ? "-" : encryptedName(name)));
  return closeFirst("encrypt", [name, target], async () => {
    const source = await readInput(io, name);
    const keys = await findKeys(io, invocation);
    const sealer = prepareSealer(io, keys, !invocation.unbound);
    const input = await parseInput(io, source, invocation.format);
    try {
      return await seal(io, invocation, { input, target, keys, sealer });
    } catch (error) {
      throw inFile(await withOtherKey(io, invocation, input.document, error), name);
    }
  });
}

/** What is known of a run beside what it closed. */
type Encrypted = Omit<EncryptResult, keyof ClosedFirst>;

interface Sealing {
  readonly input: Input;
  /** A path, or `-` for stdout. */
  readonly target: string;
  readonly keys: Keys;
  readonly sealer: Sealer;
}

async function seal(
  io: Io,
  invocation: EncryptInvocation,
  { input, target, keys, sealer }: Sealing,
): Promise<Encrypted> {
  const { file: name, inPlace } = invocation;
  const toStdout = target === "-";
  const isReplaced =
    !toStdout && input.file !== undefined && (inPlace || isSameFile(target, input.file));
  // The derivation runs on another thread while the lock is taken.
  const planning = planned(invocation, input.document, keys, sealer);
  planning.catch(() => undefined);
  const write = async (locks?: Locks): Promise<Encrypted> => {
    const plan = await planning;
    const done = plan.changed.length > 0;
    if (toStdout) {
      await plan.verify(plan.text);
      refuseInterrupted(io);
    } else if (done && isReplaced) await replace(io, input.file, verified(io, plan, keys), locks);
    else if (done)
      await create(io, invocation, input, target, verified(io, plan, keys), keys, locks);
    return {
      command: "encrypt",
      input: name,
      output: toStdout || done ? target : undefined,
      text: toStdout ? plan.text : undefined,
      encrypted: plan.changed,
      kept: plan.kept,
      lookalikes: plan.lookalikes,
      keyId: keys.active.id,
      keyFlags: keyFlagsOf(invocation),
      plainFile: done && !isReplaced && name !== "-" ? name : undefined,
      warnings: keys.warnings,
    };
  };
  return toStdout ? write() : withEarlyLock(directoryOf(target), "encrypt", write);
}

/** The plan, whose check of what was written includes the key that it was sealed with. */
function verified(io: Io, plan: Plan, keys: Keys): Plan {
  return {
    ...plan,
    async verify(text) {
      await plan.verify(text);
      await requireStillActive(io, keys);
    },
  };
}

function planned(
  { field, rebind, force }: EncryptInvocation,
  document: Document,
  { opener }: Keys,
  sealer: Sealer,
): Promise<Plan> {
  const rules = secretRulesFor(document);
  return planEncryption(document, { rules, sealer, opener, fields: field, rebind, force });
}

async function replace(
  io: Io,
  file: TextFile,
  plan: Plan,
  locks: Locks | undefined,
): Promise<void> {
  await replaceFile({
    target: file.path,
    expectedHash: file.hash,
    data: plan.text,
    verify: plan.verify,
    signal: io.signal,
    locks,
    operation: "encrypt",
  });
}

async function create(
  io: Io,
  invocation: EncryptInvocation,
  input: Input,
  target: string,
  plan: Plan,
  keys: Keys,
  locks: Locks | undefined,
): Promise<void> {
  const { mode, uid, gid } = input.file?.stat ?? { mode: 0o600, uid: undefined, gid: undefined };
  const writing = {
    data: plan.text,
    mode,
    verify: plan.verify,
    signal: io.signal,
    locks,
    operation: "encrypt",
  };
  if (pathExists(target) && !invocation.force) {
    const existing = await requireSameSecrets(target, input.document, keys);
    await replaceFile({ ...writing, target, expectedHash: existing.hash });
    return;
  }
  refuseKeyFile(target, keys.files);
  const owner = uid === undefined || gid === undefined ? {} : { owner: { uid, gid } };
  await createFile({ ...writing, ...owner, path: target, replaceExisting: invocation.force });
}

/** The directory that will be written: where a link leads, if the target is one. */
function directoryOf(target: string): string {
  return dirname(pathExists(target) ? resolveTarget(target) : target);
}

function isSameFile(target: string, file: TextFile): boolean {
  return pathExists(target) && resolveTarget(target) === file.target;
}
