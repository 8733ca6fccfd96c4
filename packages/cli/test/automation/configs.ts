/** The configs that a rotation is about, and what they have to open to. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MasterKey } from "@proxmox-mcp/crypto";
import { BINARY } from "../cli.ts";
import { createTextOpener, type TextOpener } from "../faults/state.ts";
import { config, KEY } from "../material.ts";

/** The key that everything begins with. */
export const FIRST_KEY: string = KEY;

const DOTENV =
  "PROXMOX_HOST=pve.example\nPROXMOX_TOKEN_SECRET=00000000-aaaa-bbbb-cccc-ffffffffffff\n";

/** Configs in plain text, by their paths in a repository. */
export const PLAIN: Readonly<Record<string, string>> = {
  "configs/config.json": config(),
  "configs/site a/.env": DOTENV,
};

/** Files of the repository that no rotation may touch. */
export const OTHERS: Readonly<Record<string, string>> = {
  "README.md": "# Configs of an example\n",
  ".gitignore": "*.log\n",
};

const sealed = new Map<string, string>();

/** Texts sealed with a key, by the built tool. @param keyText the first one if not given. */
export function sealTexts(
  plain: Readonly<Record<string, string>>,
  keyText: string = FIRST_KEY,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(plain).map(([path, text]) => {
      const id = `${keyText} ${path} ${text}`;
      const known = sealed.get(id) ?? seal(path, text, keyText);
      sealed.set(id, known);
      return [path, known];
    }),
  );
}

function seal(path: string, text: string, keyText: string): string {
  const directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-seal-"));
  try {
    const file = join(directory, path.replaceAll("/", "-"));
    writeFileSync(join(directory, "key"), keyText, { mode: 0o600 });
    writeFileSync(file, text);
    const argv = [BINARY, "encrypt", file, "--in-place", "--key-file", join(directory, "key")];
    execFileSync(process.execPath, argv, {
      stdio: "pipe",
      env: { HOME: directory, PATH: process.env["PATH"] },
    });
    return readFileSync(file, "utf8");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const opener: TextOpener = createTextOpener();

/** What a set of texts opens to with some keys. */
export interface Opened {
  /** What is wrong, each in one line. */
  readonly faults: readonly string[];
  /** Ids of the keys that opened something. */
  readonly keyIds: readonly string[];
}

/** Opens configs, and compares them with what they have to be. */
export async function openConfigs(
  where: string,
  texts: Readonly<Record<string, string>>,
  plain: Readonly<Record<string, string>>,
  keys: readonly MasterKey[],
): Promise<Opened> {
  const faults: string[] = [];
  const keyIds = new Set<string>();
  for (const [path, expected] of Object.entries(plain)) {
    const text = texts[path];
    if (text === undefined) {
      faults.push(`${where}: ${path} is gone`);
      continue;
    }
    try {
      const opened = await opener.open(path, text, keys);
      for (const id of opened.keyIds) keyIds.add(id);
      if (opened.plain !== expected) faults.push(`${where}: ${path} opens to another text`);
    } catch (error) {
      faults.push(`${where}: ${path} does not open with what the store holds: ${error}`);
    }
  }
  return { faults, keyIds: [...keyIds] };
}
