/** Configs of three formats in two directories, to be rotated in processes of their own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createOpener, openDocument, parseKeyText, parseMasterKey } from "@proxmox-mcp/crypto";
import { expect } from "vitest";
import { type Cli, createCli, type Outcome } from "../cli.ts";
import { BOUND, config, ELSEWHERE, KEY, SECRET, vectors } from "../material.ts";

function vector(find: (vector: (typeof vectors.good)[number]) => boolean) {
  const found = vectors.good.find(find);
  if (found === undefined) throw new Error("no such vector");
  return found;
}

const GATEWAY = vector(({ location }) => location === "env:MCPO_API_KEY");
const UNBOUND = vectors.readable.find(({ state }) => state === "unbound") ?? never();
export const LEGACY: (typeof vectors.readable)[number] =
  vectors.readable.find(({ state }) => state === "legacy") ?? never();

function never(): never {
  throw new Error("no such vector");
}

export const CONFIG = "one/config.json";
export const SERVERS = "one/servers.yaml";
export const ENV = "two/.env";

/** The texts of the configs, with whatever stands for their four secrets. */
export function texts(
  secret: string,
  production: string,
  staging: string,
  gateway: string,
): Readonly<Record<string, string>> {
  return {
    [CONFIG]: config(secret),
    [SERVERS]: `# both clusters\nservers:\n  production:  { token_secret: "${production}" } # keep\n  staging:\n    token_secret: ${staging}\r\n`,
    [ENV]: `# gateway\nexport MCPO_API_KEY=${gateway}   \nPROXMOX_HOST=pve.example\n`,
  };
}

/** Sealed with `KEY`: three bound tokens, and an unbound one in the YAML file. */
export const SEALED: Readonly<Record<string, string>> = texts(
  BOUND.token,
  ELSEWHERE.token,
  UNBOUND.token,
  GATEWAY.token,
);
/** What stands in them. */
export const SECRETS: readonly string[] = [
  SECRET,
  ELSEWHERE.plaintext,
  UNBOUND.plaintext,
  GATEWAY.plaintext,
];

export const OLD_ID: string = idOf(KEY);

/** The id of a key. */
export function idOf(key: string): string {
  return parseMasterKey(key).id ?? "";
}

/** A place with the sealed configs, and no key anywhere. */
export function keyless(files: Readonly<Record<string, string>> = SEALED): Cli {
  const cli = createCli();
  for (const [name, text] of Object.entries(files)) cli.write(name, text);
  return cli;
}

/** A place with the sealed configs, and the key in its home. */
export function deployment(files?: Readonly<Record<string, string>>): Cli {
  const cli = keyless(files);
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  return cli;
}

/** The words of a key text. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** What is on the disk, but for locks that nobody holds. */
export function state(cli: Cli): readonly string[] {
  return cli.snapshot().filter((line) => !line.includes(".proxmox-mcp.lock "));
}

/** Names that a run may leave only while it is open. */
export function leftovers(cli: Cli): readonly string[] {
  return state(cli)
    .map((line) => line.split(" ")[0] ?? "")
    .filter((name) => /\.proxmox-mcp\.|\.pm-/.test(name));
}

/** The name of the one backup of a file. */
export function backupOf(cli: Cli, name: string): string {
  const backups = namesIn(cli).filter((found) => found.startsWith(`work/${name}.backup.`));
  expect(backups).toHaveLength(1);
  return (backups[0] ?? "").slice("work/".length);
}

export function namesIn(cli: Cli): readonly string[] {
  return cli.snapshot().map((line) => line.split(" ")[0] ?? "");
}

/** The secrets of all configs and the ids of the keys that they open with, given a key text. */
export async function opened(
  cli: Cli,
  keyText: string,
  names: readonly string[] = Object.keys(SEALED),
): Promise<{ readonly secrets: readonly string[]; readonly keyIds: readonly string[] }> {
  const opener = createOpener({ keys: parseKeyText(keyText) });
  const secrets: string[] = [];
  const keyIds = new Set<string>();
  for (const name of names) {
    const format = name.endsWith("json") ? "json" : name.endsWith("yaml") ? "yaml" : "dotenv";
    const document = await openDocument(cli.read(name), { format });
    for (const { text, location } of document.values) {
      if (!text.startsWith("enc:")) continue;
      const { plaintext, form, keyId } = await opener.open(text, location);
      secrets.push(plaintext);
      keyIds.add(`${keyId}${form === "bound" ? "" : ` ${form}`}`);
    }
  }
  return { secrets, keyIds: [...keyIds] };
}

/** Makes sure that all configs are on one key, and bound; that is the first one of a key text. */
export async function expectRotated(cli: Cli, keyText: string): Promise<void> {
  const [active = ""] = words(keyText);
  expect(await opened(cli, keyText)).toEqual({ secrets: SECRETS, keyIds: [idOf(active)] });
  expect(leftovers(cli)).toEqual([]);
}

/** Runs the tool and makes sure that all went well. */
export async function succeeds(
  cli: Cli,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const outcome = await cli.run(argv, { env });
  expect(outcome.stderr).not.toContain("error[");
  expect(outcome.status, outcome.stderr).toBe(0);
  return outcome;
}

/** Runs the tool and makes sure that it fails, and changes nothing. */
export async function refuses(
  cli: Cli,
  argv: readonly string[],
  { status, code }: { readonly status: number; readonly code: string },
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const before = state(cli);
  const outcome = await cli.run(argv, { env });
  expect(outcome.stderr).toMatch(new RegExp(`^error\\[${code}\\]: .* Way out: [^\n]+\\.\n$`, "m"));
  expect(outcome.status).toBe(status);
  expect(state(cli)).toEqual(before);
  return outcome;
}

const PUT = `mode=$1-$PROXMOX_MCP_SINK_PHASE
store() { cat > "$0.d/next" && mv "$0.d/next" "$0.d/key"; }
echo "$PROXMOX_MCP_SINK_PHASE" >> "$0.d/calls"
case $mode in
  fail-prepare | fail2-promote) cat > "$0.d/lost"; echo "no such store" >&2; exit 3 ;;
  unsure-prepare | unsure2-promote) store; exit 3 ;;
  deaf-prepare | deaf2-promote) exit 0 ;;
  hang-prepare | hang2-promote) cat > "$0.d/lost"; exec sleep 600 ;;
  die-prepare | die2-promote) store; kill -9 "$PPID" ;;
  early-prepare | early2-promote) kill -9 "$PPID" ;;
  edit-prepare) store; echo >> "$2" ;;
  wait-prepare) store; cat "$0.d/gate" ;;
  *) store ;;
esac
`;

/** A key store, reached by commands. */
export interface Store {
  /** `--new-key-sink`, for a sink with one of the faults in the script; none for a good one. */
  sink(...fault: readonly string[]): string;
  /** A command that prints what is stored. */
  readonly get: string;
  read(): string;
  /** The phases in which the sink was called. */
  calls(): readonly string[];
  path(name: string): string;
}

/** Makes a key store that holds a key text. */
export function keyStore(cli: Cli, text = `${KEY}\n`): Store {
  cli.write("../put.sh", PUT);
  const path = (name: string) => join(cli.directory, "..", "put.sh.d", name);
  cli.write(path("key"), text, 0o600);
  cli.write(path("calls"), "");
  return {
    sink: (...fault) => ["sh", join(cli.directory, "..", "put.sh"), ...fault].join(" "),
    get: `cat ${path("key")}`,
    read: () => readFileSync(path("key"), "utf8"),
    calls: () => words(cli.read(path("calls"))).filter((word) => word !== ""),
    path,
  };
}
