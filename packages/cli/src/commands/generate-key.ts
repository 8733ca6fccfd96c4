/** `generate-key`: makes a master key in a new file, or in a new entry of the keyring. */
import {
  formatKeyText,
  generateMasterKey,
  type KeyText,
  ProxmoxMcpError,
} from "@proxmox-mcp/crypto";
import { createKeyFile, createKeyringEntry, withTransaction } from "@proxmox-mcp/crypto/files";
import { keyringSource, refuseSeveralFlags } from "@proxmox-mcp/crypto/internal";
import { type ClosedFirst, closeFirst } from "../close-first.ts";
import type { GenerateKeyInvocation } from "../invocation.ts";
import { homeKeyFile, type Io } from "../io.ts";
import { afterRecovery } from "../rotation/after-recovery.ts";
import { pendingDirectory } from "../rotation/key-store.ts";

/** What `generate-key` did. */
export interface GenerateKeyResult extends ClosedFirst {
  readonly command: "generate-key";
  /** The key file; `undefined` for a keyring entry. */
  readonly file: string | undefined;
  /** The account of the keyring entry. */
  readonly keyring: string | undefined;
  readonly keyId: string | undefined;
  /** The key text, only where --stdout asked for it. */
  readonly text: string | undefined;
  readonly warnings: readonly string[];
}

/** Runs `generate-key`. @throws ProxmoxMcpError with nothing written. */
export async function generateKey(
  io: Io,
  invocation: GenerateKeyInvocation,
): Promise<GenerateKeyResult> {
  if (invocation.keyring !== undefined) return inKeyring(io, invocation, invocation.keyring);
  const file = invocation.output ?? homeKeyFile(io);
  return closeFirst(OPERATION, [file], async () => {
    const keys = freshKeys(io);
    await createKeyFile(file, formatKeyText(keys));
    return resultOf(invocation, keys, { file, keyring: undefined });
  });
}

const OPERATION = "generate-key";

async function inKeyring(
  io: Io,
  invocation: GenerateKeyInvocation,
  keyring: string,
): Promise<GenerateKeyResult> {
  refuseSeveralFlags(invocation);
  if (invocation.output !== undefined) {
    throw new ProxmoxMcpError("USAGE", "--output and --keyring are both given", {
      hint: "name one place for the key",
    });
  }
  const { account } = keyringSource(keyring);
  const scope = { directories: [pendingDirectory(io)], operation: OPERATION };
  return withTransaction(scope, ({ recovered }) =>
    afterRecovery(recovered, async () => {
      const keys = freshKeys(io);
      await createKeyringEntry(account, keys, io);
      return { ...resultOf(invocation, keys, { file: undefined, keyring: account }), recovered };
    }),
  );
}

function freshKeys({ random }: Io): KeyText {
  return { active: generateMasterKey(random), successor: undefined, retired: [] };
}

function resultOf(
  { stdout }: GenerateKeyInvocation,
  keys: KeyText,
  place: Pick<GenerateKeyResult, "file" | "keyring">,
): Omit<GenerateKeyResult, "recovered"> {
  return {
    command: OPERATION,
    ...place,
    keyId: keys.active.id,
    text: stdout ? formatKeyText(keys) : undefined,
    warnings: [],
  };
}
