/** `encrypt`: seals the plain secrets of a config, into a new file, in place or to stdout. */
import {
  checkSecrets,
  createSealer,
  type Document,
  openDocument,
  type Plan,
  ProxmoxMcpError,
  parseKeyText,
  planEncryption,
  type SecretField,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import {
  createFile,
  pathExists,
  readTextFile,
  replaceFile,
  resolveTarget,
  type TextFile,
} from "@proxmox-mcp/crypto/files";
import { encryptedName } from "../encrypted-name.ts";
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
    const existing = await requireSameSecrets(target, input, keys);
    await replaceFile({ ...writing, target, expectedHash: existing.hash });
    return;
  }
  const owner = uid === undefined || gid === undefined ? {} : { owner: { uid, gid } };
  await createFile({ ...writing, ...owner, path: target, replaceExisting: invocation.force });
}

/** Not even --force replaces a master key: what it sealed, and what it is about to seal, were lost. */
function refuseKeyFile(target: string): void {
  if (!holdsMasterKey(target)) return;
  throw new ProxmoxMcpError("OUTPUT_EXISTS", `${target} holds a master key; nothing was written`, {
    where: { file: target },
    hint: "choose another output with -o",
  });
}

function holdsMasterKey(path: string): boolean {
  try {
    return parseKeyText(readTextFile(path).text).active.id !== undefined;
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return false;
    throw error;
  }
}

/** An output that is there may be replaced only by a text that says the same. */
async function requireSameSecrets(target: string, input: Input, keys: Keys): Promise<TextFile> {
  const existing = await readSame(target, input, keys);
  if (existing !== undefined) return existing;
  throw new ProxmoxMcpError(
    "OUTPUT_EXISTS",
    `${target} exists already and holds other values; nothing was written`,
    {
      where: { file: target },
      hint: "choose another output with -o, or replace it with --force",
    },
  );
}

async function readSame(
  target: string,
  input: Input,
  { opener }: Keys,
): Promise<TextFile | undefined> {
  try {
    const file = readTextFile(target);
    const existing = await openDocument(file.text, { format: input.document.format, file: target });
    const [there, here] = await Promise.all([
      plainValues(existing, opener),
      plainValues(input.document, opener),
    ]);
    return JSON.stringify(there) === JSON.stringify(here) ? file : undefined;
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return undefined;
    throw error;
  }
}

async function plainValues(
  document: Document,
  opener: Keys["opener"],
): Promise<readonly unknown[]> {
  const { secrets } = await checkSecrets(document, secretRulesFor(document), opener);
  const opened = new Map(secrets.map(({ location, opened }) => [location, opened?.plaintext]));
  return document.values.map((value) => {
    const { location, kind, start, end, text } = value;
    if (kind === "map" || kind === "list") return [location, kind];
    return [
      location,
      kind,
      kind === "string" ? (opened.get(location) ?? text) : document.text.slice(start, end),
    ];
  });
}

function isSameFile(target: string, file: TextFile): boolean {
  return pathExists(target) && resolveTarget(target) === file.target;
}
