/** The files of the fault scenarios: three formats in two directories, the key file in a third. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  createSealer,
  formatOf,
  openDocument,
  parseMasterKey,
  planEncryption,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import { KEY } from "../material.ts";
import type { Place } from "./place.ts";
import { KEY_FILE, mustRun, writeFiles } from "./scenario.ts";

export const SECRETS: Readonly<Record<"json" | "yaml" | "yamlSecond" | "dotenv" | "next", string>> =
  {
    json: "json-6f1d0a94-51c7-4e0b-8f0e-2b7d19c3a001",
    yaml: "yaml-c2b8e7d3-0a6f-4d19-b5e4-91f0a7c6d002",
    yamlSecond: "more-81a5f3c0-d7e2-49b6-a31c-5e0f48b2c003",
    dotenv: "dots-e94c06b7-3f18-4a52-9d0b-c7e1583fa004",
    next: "next-17d2b9e6-8c43-4f7a-ae05-60b9d4f1e005",
  };

/** The paths of the three configs in a tree. */
export type ConfigPath = "one/config.json" | "one/servers.yaml" | "two/.env";

/** The configs as they are in plain text. */
export const PLAIN: Readonly<Record<ConfigPath, string>> = {
  "one/config.json": jsonConfig(SECRETS.json),
  "one/servers.yaml": `# staging and production
servers:
  staging:
    host: staging.example # comments stay
    token_secret: "${SECRETS.yaml}"
  production:
    host: pve.example
    token_secret: "${SECRETS.yamlSecond}"
`,
  "two/.env": `# gateway\nPROXMOX_HOST=pve.example\nPROXMOX_TOKEN_VALUE=${SECRETS.dotenv}\n`,
};

export function jsonConfig(secret: string): string {
  return `{
  "auth": {
    "user": "mcp@pve",
    "token_name": "mcp",
    "token_value": "${secret}"
  }
}
`;
}

/** Writes the plain configs and the key file. */
export function writePlain(tree: string): void {
  writeFiles(tree, PLAIN);
  writeFiles(tree, { [KEY_FILE]: `${KEY}\n` }, 0o600);
  for (const name of ["home", "state"]) mkdirSync(join(tree, name), { mode: 0o700 });
}

/**
 * Writes the configs encrypted. They share a salt, as after a rotation: each one more would cost every
 * run a derivation, and change none of its calls on the disk.
 */
export async function writeEncrypted({ tree }: Pick<Place, "tree">): Promise<void> {
  writePlain(tree);
  const key = parseMasterKey(KEY);
  const sealer = createSealer({ key, random: randomBytes, now: () => new Date() });
  const opener = sealer.opener;
  for (const [name, text] of Object.entries(PLAIN)) {
    const document = await openDocument(text, { format: formatOf(name, text) });
    const rules = secretRulesFor(document);
    const plan = await planEncryption(document, { rules, sealer, opener });
    writeFiles(tree, { [name]: plan.text });
  }
}

/** The three configs, rotated once: with backups that open with the retired key alone. */
export async function writeRotated(place: Place): Promise<void> {
  await writeEncrypted(place);
  await mustRun(place, ["rotate-key", ...paths(place.tree), ...keyFlag(place.tree), "--yes"]);
}

export function paths(tree: string): readonly string[] {
  return Object.keys(PLAIN).map((name) => join(tree, name));
}

export function keyFlag(tree: string): readonly string[] {
  return ["--key-file", join(tree, KEY_FILE)];
}
