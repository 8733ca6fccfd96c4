/** What holds the present key, without the key. */
import type { KeySource } from "@proxmox-mcp/crypto";

/** A variable by its name, a file by its path, or the variable that names a command. */
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
      return { kind, name: source.from };
  }
}
