/** Where the new master key goes: a pure choice among the flags and where the present key came from. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { parseSink, type Sink } from "@proxmox-mcp/crypto/files";
import type { KeySource } from "@proxmox-mcp/crypto/internal";
import type { NewKeyFlags } from "../invocation.ts";

/** A store of master keys that a rotation writes to, or finds the new key in. */
export type Destination =
  /** A command. Until it has the key, a file keeps it: the present key's own, or a pending one. */
  | { readonly kind: "sink"; readonly sink: Sink; readonly keyFile: string | undefined }
  /** A key file that exists, whose first key is the new one. Only read. */
  | { readonly kind: "given"; readonly path: string }
  /** A key file to be made. */
  | { readonly kind: "out"; readonly path: string }
  /** The key file that the present key came from. */
  | { readonly kind: "key-file"; readonly path: string }
  /** The keyring entry that the present key came from. Until it has the new one, a file keeps that. */
  | { readonly kind: "keyring"; readonly account: string };

/** The flags that name a place. */
export type DestinationFlags = NewKeyFlags & { readonly newKeyFile?: string | undefined };

/** What the choice depends on beside the flags. */
export interface Surroundings {
  readonly source: KeySource;
  readonly isWritable: (keyFile: string) => boolean;
  /** Somebody sits at a terminal and can take care of a file that was not asked for. */
  readonly isTerminal: boolean;
  /** The key file in the home directory. */
  readonly homeFile: string;
}

/**
 * Chooses the destination of a new key. The first that matches: a sink, a named file, the present
 * key's own keyring entry, its own file where that can be written, and on a terminal the key file in the home directory.
 *
 * @throws ProxmoxMcpError USAGE for flags that exclude each other, KEY_DESTINATION where there is none.
 */
export function chooseDestination(
  flags: DestinationFlags,
  { source, isWritable, isTerminal, homeFile }: Surroundings,
): Destination {
  refuseContradiction(flags);
  const keyFile = source.kind === "file" && isWritable(source.path) ? source.path : undefined;
  const { newKeySink, sinkVerify, sinkTimeLimit, newKeyFile, newKeyOut } = flags;
  if (newKeySink !== undefined) {
    const sink = parseSink(newKeySink, sinkVerify, sinkTimeLimit);
    return { kind: "sink", sink, keyFile };
  }
  if (newKeyFile !== undefined) return { kind: "given", path: newKeyFile };
  if (newKeyOut !== undefined) return { kind: "out", path: newKeyOut };
  if (source.kind === "keyring") return { kind: "keyring", account: source.account };
  if (keyFile !== undefined) return { kind: "key-file", path: keyFile };
  if (isTerminal) return { kind: "out", path: homeFile };
  throw new ProxmoxMcpError(
    "KEY_DESTINATION",
    `there is no place for a new master key: ${source.from} cannot be written; nothing was changed`,
    {
      hint: "name one with --new-key-out FILE, --new-key-file FILE or --new-key-sink COMMAND",
    },
  );
}

function refuseContradiction(flags: DestinationFlags): void {
  const given = [
    flags.newKeySink !== undefined && "--new-key-sink",
    flags.newKeyFile !== undefined && "--new-key-file",
    flags.newKeyOut !== undefined && "--new-key-out",
  ].filter((flag) => flag !== false);
  if (given.length > 1) {
    throw new ProxmoxMcpError("USAGE", `${given.join(" and ")} exclude each other`, {
      hint: "name one place for the new key",
    });
  }
  const aboutSink = flags.sinkVerify !== undefined || flags.sinkTimeLimit !== undefined;
  if (aboutSink && flags.newKeySink === undefined) {
    throw new ProxmoxMcpError("USAGE", "--sink-verify and --sink-time-limit need --new-key-sink", {
      hint: "name the command that stores the key with --new-key-sink",
    });
  }
}
