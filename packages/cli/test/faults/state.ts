/** What is on the disk: files, keys, and what the tokens of a text open to. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import {
  createDeriver,
  createOpener,
  type Deriver,
  formatOf,
  type KeyText,
  type MasterKey,
  openDocument,
  ProxmoxMcpError,
  parseKeyText,
} from "@proxmox-mcp/crypto";
import { everyKey } from "@proxmox-mcp/crypto/internal";

import { stable } from "./points.ts";
import { STORE } from "./scenario.ts";

/** A file as it stands. */
export interface FoundFile {
  readonly mode: string;
  readonly owner: string;
  readonly bytes: Buffer;
}

/** A tree, by paths relative to it. */
export type Tree = ReadonlyMap<string, FoundFile>;

/** Where keys live. Temporary names beside a key file are no such place. */
const KEY_PLACES =
  /^(keys\/[^.][^/]*|store\/key|state\/proxmox-mcp\/pending-[0-9a-f]{8}|home\/\.proxmox_mcp_key)$/;
/** Where key texts may be seen for a moment, too. */
const BESIDE_KEYS = /^(keys|home|state\/proxmox-mcp)\/\.[^/]*\.pm-[0-9a-f]{16}\.(new|old)$/;

/** Reads every file of a tree. */
export function readTree(root: string): Tree {
  const files = new Map<string, FoundFile>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode, uid, gid } = lstatSync(path);
    files.set(path.slice(root.length + 1), {
      mode: (mode & 0o7777).toString(8),
      owner: `${uid}:${gid}`,
      bytes: entry.isSymbolicLink() ? Buffer.from(readlinkSync(path)) : readFileSync(path),
    });
  }
  return files;
}

/** Everything below a directory, as one text that is the same where nothing differs. Times do not count. */
export function fingerprint(root: string): string {
  const lines: string[] = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode, uid, gid, nlink } = lstatSync(path);
    const what = entry.isSymbolicLink()
      ? readlinkSync(path)
      : entry.isFile()
        ? `${nlink} ${readFileSync(path, "base64")}`
        : "";
    lines.push([path.slice(root.length + 1), mode.toString(8), uid, gid, what].join(" "));
  }
  return lines.sort().join("\n");
}

/**
 * What is below a directory, as one text that is the same for the same call of another run: each run
 * makes ids, keys and tokens of its own, so a file is empty, or as it was before, or another one.
 */
export function shapeOf(root: string, before: Tree): string {
  const lines = [...readTree(root)].map(([path, { mode, owner, bytes }]) => {
    const isAsBefore = before.get(path)?.bytes.equals(bytes) === true;
    const what = bytes.length === 0 ? "empty" : isAsBefore ? "as before" : "another";
    return [stable(path), mode, owner, lstatSync(join(root, path)).nlink, what].join(" ");
  });
  return lines.sort().join("\n");
}

export function isKeyPlace(path: string): boolean {
  return KEY_PLACES.test(path);
}

export function mayHoldKeys(path: string): boolean {
  return isKeyPlace(path) || BESIDE_KEYS.test(path) || path.startsWith(`${STORE}/`);
}

/** Names of runs that have not ended: temporary files, records, locks. */
export function isLeftover(path: string): boolean {
  return /^\.(proxmox-mcp\.|.*\.pm-)/.test(basename(path));
}

/** The config that a path is a backup of, `undefined` for other paths. */
export function backupOf(path: string): string | undefined {
  return /^(.+)\.backup\.\d{8}_\d{6}(_\d+)?$/.exec(path)?.[1];
}

/** The keys that a tree holds where keys belong, each once. */
export function keysOf(tree: Tree): readonly MasterKey[] {
  const found: MasterKey[] = [];
  for (const [path, { bytes }] of tree) {
    if (!isKeyPlace(path)) continue;
    for (const key of everyKey(parseKeyText(bytes.toString("utf8")))) {
      if (!found.some((other) => other.equals(key))) found.push(key);
    }
  }
  return found;
}

/** What a text with tokens opens to. */
export interface Opened {
  /** The text with every token replaced by its value. */
  readonly plain: string;
  /** The ids of the keys that opened its tokens, each once. */
  readonly keyIds: readonly string[];
}

/** Opens texts; remembers derived keys. */
export interface TextOpener {
  /** @throws ProxmoxMcpError for a text that is no document or has a token that no key opens. */
  open(path: string, text: string, keys: readonly MasterKey[]): Promise<Opened>;
}

export function createTextOpener(): TextOpener {
  const deriver: Deriver = createDeriver(1_000_000);
  const met = new Map<string | undefined, number>();
  const openedBy = new Map<string | undefined, string>();
  // To derive keys is most of the work: what opened a salt before goes first, then the newest.
  const ranked = (keys: readonly MasterKey[], salt: string | undefined) => {
    for (const { id } of keys) if (!met.has(id)) met.set(id, met.size);
    const rank = ({ id }: MasterKey) =>
      id === openedBy.get(salt) ? Number.POSITIVE_INFINITY : (met.get(id) ?? 0);
    return [...keys].sort((one, other) => rank(other) - rank(one));
  };
  return {
    async open(path, text, keys) {
      const document = await openDocument(text, { format: formatOf(path, text) });
      let plain = text;
      const keyIds = new Set<string>();
      for (const value of document.values) {
        if (value.kind !== "string" || !value.text.startsWith("enc:")) continue;
        const salt = value.text.split(":", 2)[1];
        const opener = createOpener({ keys: asKeyText(ranked(keys, salt)), deriver });
        const { plaintext, keyId = "?" } = await opener.open(value.text, value.location);
        openedBy.set(salt, keyId);
        plain = plain.replace(value.text, () => plaintext);
        keyIds.add(keyId);
      }
      return { plain, keyIds: [...keyIds] };
    },
  };
}

function asKeyText([active, ...retired]: readonly MasterKey[]): KeyText {
  if (active === undefined) throw new ProxmoxMcpError("KEY_EMPTY", "no key is on the disk");
  return { active, successor: undefined, retired };
}
