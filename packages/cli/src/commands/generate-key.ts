/** `generate-key`: makes a master key in a new file. */
import { formatKeyText, generateMasterKey } from "@proxmox-mcp/crypto";
import { createKeyFile } from "@proxmox-mcp/crypto/files";
import { type ClosedFirst, closeFirst } from "../close-first.ts";
import type { GenerateKeyInvocation } from "../invocation.ts";
import { homeKeyFile, type Io } from "../io.ts";

/** What `generate-key` did. */
export interface GenerateKeyResult extends ClosedFirst {
  readonly command: "generate-key";
  readonly file: string;
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
  const file = invocation.output ?? homeKeyFile(io);
  return closeFirst("generate-key", [file], async () => {
    const key = generateMasterKey(io.random);
    const text = formatKeyText({ active: key, successor: undefined, retired: [] });
    await createKeyFile(file, text);
    return {
      command: "generate-key",
      file,
      keyId: key.id,
      text: invocation.stdout ? text : undefined,
      warnings: [],
    };
  });
}
