/** What holds the present key, without the key. */
import type { KeySource } from "@proxmox-mcp/crypto/internal";

/** A variable by its name, a file by its path, the variable that names a command, a keyring entry. */
export interface KeyHolder {
  readonly kind: KeySource["kind"];
  readonly name: string;
}

/** The holder that a source stands for. */
export function holderOf(source: KeySource): KeyHolder {
  const { kind } = source;
  switch (source.kind) {
    case "variable":
      return { kind, name: source.name };
    case "file":
      return { kind, name: source.path };
    case "command":
    case "keyring":
      return { kind, name: source.from };
  }
}

/** Whether runs of this tool write where a key came from: what was read may have changed meanwhile. */
export function isWrittenByRuns({ kind }: KeySource): boolean {
  return kind === "file" || kind === "keyring";
}
