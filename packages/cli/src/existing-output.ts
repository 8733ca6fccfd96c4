/** What stands where a command is about to write, and whether it may be replaced. */
import {
  checkSecrets,
  type Document,
  type Opener,
  openDocument,
  ProxmoxMcpError,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import {
  MAX_KEY_BYTES,
  pathExists,
  readTextFile,
  resolveTarget,
  type TextFile,
} from "@proxmox-mcp/crypto/files";
import { holdsMasterKey } from "./key-file-text.ts";
import type { Keys } from "./keys.ts";

/**
 * Not even --force replaces a master key: what it sealed, and what it is about to seal, were lost.
 *
 * @param keyFiles files that are known to hold keys, whatever is in them.
 * @throws ProxmoxMcpError OUTPUT_EXISTS
 */
export function refuseKeyFile(target: string, keyFiles: readonly string[]): void {
  if (!pathExists(target)) return;
  if (!isOneOf(target, keyFiles) && !isKeyFile(target)) return;
  throw new ProxmoxMcpError("OUTPUT_EXISTS", `${target} holds a master key; nothing was written`, {
    where: { file: target },
    hint: "choose another file",
  });
}

function isOneOf(target: string, files: readonly string[]): boolean {
  const real = resolveTarget(target);
  return files.some((file) => pathExists(file) && resolveTarget(file) === real);
}

function isKeyFile(path: string): boolean {
  try {
    return holdsMasterKey(readTextFile(path, { maxBytes: MAX_KEY_BYTES }).text);
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return false;
    throw error;
  }
}

/**
 * An output that is there may be replaced only by a text that says the same.
 *
 * @returns the file as it was read, for a replacement that notices later changes.
 * @throws ProxmoxMcpError OUTPUT_EXISTS; FILE_NOT_REGULAR for a directory and the like, which no --force
 * replaces.
 */
export async function requireSameSecrets(
  target: string,
  document: Document,
  { opener, files }: Pick<Keys, "opener" | "files">,
): Promise<TextFile> {
  const existing = await readSame(target, document, opener);
  if (existing !== undefined) return existing;
  refuseKeyFile(target, files);
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
  document: Document,
  opener: Opener,
): Promise<TextFile | undefined> {
  try {
    const file = readTextFile(target);
    const existing = await openDocument(file.text, { format: document.format, file: target });
    const [there, here] = await Promise.all([
      plainValues(existing, opener),
      plainValues(document, opener),
    ]);
    return JSON.stringify(there) === JSON.stringify(here) ? file : undefined;
  } catch (error) {
    if (error instanceof ProxmoxMcpError && error.code !== "FILE_NOT_REGULAR") return undefined;
    throw error;
  }
}

async function plainValues(document: Document, opener: Opener): Promise<readonly unknown[]> {
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
