/** `encrypt`: seals the plain secrets of a config, into a new file, in place or to stdout. */
import {
  createSealer,
  type Document,
  type Plan,
  ProxmoxMcpError,
  planEncryption,
  type SecretField,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import {
  createFile,
  pathExists,
  replaceFile,
  resolveTarget,
  type TextFile,
} from "@proxmox-mcp/crypto/files";
import { encryptedName } from "../encrypted-name.ts";
import { refuseKeyFile, requireSameSecrets } from "../existing-output.ts";
import { type Input, inFile, readInput } from "../input.ts";
import type { EncryptInvocation } from "../invocation.ts";
import { type Io, refuseInterrupted } from "../io.ts";
import { findKeys, type Keys, withOtherKey } from "../keys.ts";

/** What `encrypt` did. */
export interface EncryptResult {
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
  const input = await readInput(io, name, invocation.format);
  const keys = await findKeys(io, invocation);
  try {
    const plan = await planned(io, invocation, input.document, keys);
    const done = plan.changed.length > 0;
    const target = inPlace ? name : (output ?? (name === "-" ? "-" : encryptedName(name)));
    const toStdout = target === "-";
    const isReplaced =
      !toStdout && input.file !== undefined && (inPlace || isSameFile(target, input.file));
    if (toStdout) await plan.verify(plan.text);
    else if (done && isReplaced) await replace(io, input.file, plan);
    else if (done) await create(io, invocation, input, target, plan, keys);
    if (toStdout) refuseInterrupted(io);
    const wrote = toStdout || done;
    return {
      command: "encrypt",
      input: name,
      output: wrote ? target : undefined,
      text: toStdout ? plan.text : undefined,
      encrypted: plan.changed,
      kept: plan.kept,
      lookalikes: plan.lookalikes,
      keyId: keys.active.id,
      plainFile: done && !isReplaced && name !== "-" ? name : undefined,
      warnings: keys.warnings,
    };
  } catch (error) {
    throw inFile(await withOtherKey(io, invocation, input.document, error), name);
  }
}

async function planned(
  io: Io,
  invocation: EncryptInvocation,
  document: Document,
  keys: Keys,
): Promise<Plan> {
  const { field, rebind, unbound, force } = invocation;
  const { now, random } = io;
  const sealer = createSealer({
    key: keys.active,
    deriver: keys.deriver,
    now,
    random,
    bound: !unbound,
  });
  // The derivation runs on another thread while the document is looked through.
  const prepared = sealer.prepare();
  const [plan] = await Promise.all([
    planEncryption(document, {
      rules: secretRulesFor(document),
      sealer,
      opener: keys.opener,
      fields: field,
      rebind,
      force,
    }),
    prepared,
  ]);
  return plan;
}

async function replace(io: Io, file: TextFile, plan: Plan): Promise<void> {
  await replaceFile({
    target: file.path,
    expectedHash: file.hash,
    data: plan.text,
    verify: plan.verify,
    signal: io.signal,
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
): Promise<void> {
  const { mode, uid, gid } = input.file?.stat ?? { mode: 0o600, uid: undefined, gid: undefined };
  const writing = {
    data: plan.text,
    mode,
    verify: plan.verify,
    signal: io.signal,
    operation: "encrypt",
  };
  refuseKeyFile(target);
  if (pathExists(target) && !invocation.force) {
    const existing = await requireSameSecrets(target, input.document, keys.opener);
    await replaceFile({ ...writing, target, expectedHash: existing.hash });
    return;
  }
  const owner = uid === undefined || gid === undefined ? {} : { owner: { uid, gid } };
  await createFile({ ...writing, ...owner, path: target, replaceExisting: invocation.force });
}

function isSameFile(target: string, file: TextFile): boolean {
  return pathExists(target) && resolveTarget(target) === file.target;
}
