/** Looks for keys: all that were ever made, and where they should not be. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type MasterKey, parseKeyText } from "@proxmox-mcp/crypto";
import { everyKey } from "@proxmox-mcp/crypto/internal";
import { leakDetector } from "../leaks.ts";
import type { LeftFile } from "./machine.ts";

/** Files in which a machine may have a key text. */
const KEY_FILES = /^(key|stored|pending-[0-9a-f]{8}|PROXMOX_MCP_MASTER_KEY_FILE)$/;

/** Every text that a store ever held, with its store's name, from the oldest. */
export function pastTexts(
  world: string,
): readonly { readonly store: string; readonly text: string }[] {
  const root = join(world, "stores-past");
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      store: path.slice(root.length + 1),
      text: readFileSync(path, "utf8"),
    }));
}

/** Keys of a text; none where it is no key text. */
export function keysIn(text: string): readonly MasterKey[] {
  try {
    return everyKey(parseKeyText(text));
  } catch {
    return [];
  }
}

/** Each key that a store, a machine or a mask ever had, once. */
export function everyKeySeen(
  world: string,
  left: readonly LeftFile[],
  masks: readonly string[],
): readonly MasterKey[] {
  const texts = [
    ...pastTexts(world).map(({ text }) => text),
    ...left.filter(isKeyFile).map(({ text }) => text),
    ...masks,
  ];
  return distinct(texts.flatMap(keysIn));
}

/** Each key that a store ever had, once. One that was lost before that sealed nothing that is left. */
export function everyKeyStored(world: string): readonly MasterKey[] {
  return distinct(pastTexts(world).flatMap(({ text }) => keysIn(text)));
}

function distinct(keys: readonly MasterKey[]): readonly MasterKey[] {
  return [...new Map(keys.map((key) => [key.id, key])).values()];
}

export function isKeyFile({ path, mode }: LeftFile): boolean {
  return mode === "600" && KEY_FILES.test(basename(path));
}

/** Finds any of these keys, in any spelling. */
export function keyDetector(keys: readonly MasterKey[]): (text: string) => readonly string[] {
  return leakDetector(
    Object.fromEntries(
      keys.flatMap((key) => [
        [`key ${key.id}`, key.reveal()],
        [`bytes of key ${key.id}`, key.bytes],
      ]),
    ),
  );
}
