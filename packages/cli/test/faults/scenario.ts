/** What a fault scenario is: files, a command on them, and what they hold before and after it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { From, Place, RunOptions } from "./place.ts";

/** A config by its path in the tree, and the texts that it opens to. */
export interface Config {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** A command whose every call is made to fail. */
export interface Scenario {
  readonly name: string;
  /** Makes the tree as the command finds it. */
  arrange(place: Place): Promise<void>;
  argv(tree: string): readonly string[];
  readonly input?: string;
  /** Environment variables of the command. */
  env?(tree: string): Readonly<Record<string, string>>;
  readonly configs: readonly Config[];
  /** Values that are never in a file, but in a config that held them plain before. */
  readonly secrets: readonly string[];
  /** The key that changed configs open with: the active one, a key made by the run, or the retired one. */
  readonly key: "active" | "fresh" | "retired";
  /** How many backups of each config a run adds, at least and at most; one for each fresh key. */
  readonly backups: readonly [least: number, most: number];
  /** Tells from the key file whether the work is done, where the configs do not show it. */
  isDone?(keyText: string): boolean;
  /** Whether the run drops keys for good. */
  readonly dropsKeys?: boolean;
  /** Whether the run deletes the backups that were there. */
  readonly dropsBackups?: boolean;
}

/** How a scenario's command is run: its arguments, and what it finds on stdin and around it. */
export function commandOf(
  scenario: Scenario,
  tree: string,
  from: From = "here",
): [argv: readonly string[], options: RunOptions] {
  const env = scenario.env?.(tree) ?? {};
  return [scenario.argv(tree), { from, input: scenario.input, env }];
}

/** The key file of every scenario. */
export const KEY_FILE = "keys/master.key";

/** A directory that stands for a secret store: a sink writes it, and a command reads it. */
export const STORE = "store";

/** Writes files into a tree, by relative paths. */
export function writeFiles(
  tree: string,
  files: Readonly<Record<string, string>>,
  mode: number = 0o644,
): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), content, { mode });
  }
}

/** Runs the tool for an arrangement. @throws where it fails. */
export async function mustRun(
  place: Place,
  argv: readonly string[],
  input?: string,
): Promise<void> {
  const { status, stderr } = await place.run(argv, { input });
  if (status !== 0) throw new Error(`${argv.join(" ")}: exit ${status}: ${stderr}`);
}
