/** The promise, checked on what is on the disk: DESIGN's for every instant, and for every run's end. */
import { dirname } from "node:path";
import type { MasterKey } from "@proxmox-mcp/crypto";
import { leakDetector } from "../leaks.ts";
import { type Config, KEY_FILE, type Scenario, STORE } from "./scenario.ts";
import {
  backupOf,
  createTextOpener,
  type FoundFile,
  isKeyPlace,
  isLeftover,
  keysOf,
  mayHoldKeys,
  type Tree,
} from "./state.ts";

/** What a tree was found to be. */
export interface Standing {
  /** What is wrong with it, each in one line; empty for a tree that keeps the promise. */
  readonly faults: readonly string[];
  /** Whether every config and backup is as it was, and no key is dropped. A new key may wait. */
  readonly isOld: boolean;
  /** Whether the command's whole work is done. */
  readonly isNew: boolean;
  readonly leftovers: readonly string[];
  /** The paths of all configs. */
  readonly configs: readonly string[];
  /** The paths of configs, keys and new files that are not as they were. */
  readonly touched: readonly string[];
  /** Backups that are there no more. */
  readonly gone: readonly string[];
  /** Whether the key file has another active key, or no old ones any more where that is the work. */
  readonly isSwitched: boolean;
  /** The ids of new keys. */
  readonly freshIds: readonly string[];
  /** The paths of key texts that hold every key on the disk. */
  readonly complete: readonly string[];
}

/** Judges the trees of one scenario. */
export interface Judge {
  /**
   * What holds at every instant, after a kill too: each config is wholly old or wholly new, each
   * token opens with a key that is on the disk, no key is lost, at most one is new, nothing plain is
   * left, and no key is anywhere but in its places.
   *
   * @param seen trees that were found on the way: their configs may have become backups.
   */
  atAnyTime(tree: Tree, seen?: readonly Tree[]): Promise<Standing>;
  /** What holds as well when a run has ended well. @param runs how many times its work was done. */
  whenDone(tree: Tree, seen?: readonly Tree[], runs?: number): Promise<readonly string[]>;
  /** Whether a text gives a secret or a key of these trees away. */
  leaks(text: string, ...trees: readonly Tree[]): readonly string[];
}

type ConfigState = "old" | "new" | { readonly fault: string };

/** @param before the scenario's tree before the command. */
export function createJudge(scenario: Scenario, before: Tree): Judge {
  const opener = createTextOpener();
  const keysBefore = keysOf(before);
  const knownSecrets = leakDetector(marksOf(scenario.secrets, []));

  async function atAnyTime(tree: Tree, seen: readonly Tree[] = []): Promise<Standing> {
    const faults: string[] = [];
    const keys = readKeys(tree, faults);
    const fresh = freshKeys(keys);
    const lost = keysBefore.filter((key) => !keys.some((other) => other.equals(key)));
    if (lost.length > 0 && scenario.dropsKeys !== true)
      faults.push(`${lost.length} keys are gone from the disk`);
    const allowed =
      scenario.key === "fresh" ? 1 + seen.filter((other) => isClosedAndNew(other)).length : 0;
    if (fresh.length > allowed) faults.push(`${fresh.length} new keys are on the disk`);
    const states = new Map<Config, ConfigState>();
    for (const config of scenario.configs) {
      const state = await stateOf(config, tree, keys);
      if (typeof state === "object") faults.push(`${config.path}: ${state.fault}`);
      states.set(config, state);
    }
    faults.push(...(await faultsOfBackups(tree, keys, [before, ...seen])));
    faults.push(...faultsOfOthers(tree), ...leaksOnDisk(tree));
    const isDone = scenario.isDone?.(keyTextOf(tree));
    return {
      faults,
      isOld:
        [...before].every(([path, old]) => mayDiffer(path) || isSame(tree.get(path), old)) &&
        ![...tree.keys()].some((path) => backupOf(path) !== undefined && !before.has(path)) &&
        isDone !== true,
      isNew: isDone ?? [...states.values()].every((state) => state === "new"),
      leftovers: [...tree.keys()].filter(isLeftover),
      configs: scenario.configs.map(({ path }) => path),
      touched: [...tree]
        .filter(([path, file]) => isSubject(path) && !isSame(file, before.get(path)))
        .map(([path]) => path),
      gone: [...before.keys()].filter((path) => backupOf(path) !== undefined && !tree.has(path)),
      isSwitched: isDone ?? activeIdOf(tree) !== activeIdOf(before),
      freshIds: fresh.flatMap(({ id }) => id ?? []),
      complete: [...tree.keys()].filter((path) => {
        const here = keysAt(path, tree);
        return keys.every((key) => here.some((other) => other.equals(key)));
      }),
    };
  }

  // A run that deletes backups says how far it got; of the configs it changes none.
  function mayDiffer(path: string): boolean {
    const mayGo = scenario.dropsBackups === true && backupOf(path) !== undefined;
    return mayGo || isKeyPlace(path);
  }

  function isClosedAndNew(tree: Tree): boolean {
    const isClosed = ![...tree.keys()].some((path) => path.endsWith(".proxmox-mcp.txn"));
    const isNew = scenario.configs.every(({ path }) => !isSame(tree.get(path), before.get(path)));
    return isClosed && isNew && scenario.isDone === undefined;
  }

  async function stateOf(
    config: Config,
    tree: Tree,
    keys: readonly MasterKey[],
  ): Promise<ConfigState> {
    const found = tree.get(config.path);
    const old = before.get(config.path);
    if (found === undefined || old === undefined) return { fault: "it is gone" };
    if (found.mode !== old.mode) return { fault: `its mode is ${found.mode}, not ${old.mode}` };
    if (found.owner !== old.owner) return { fault: `it belongs to ${found.owner}` };
    if (isSame(found, old))
      return (await opensTo(config.path, found, keys, config.before)) ?? "old";
    const fault = await opensTo(config.path, found, keys, config.after);
    if (fault !== undefined) return fault;
    const { keyIds } = await opener.open(config.path, found.bytes.toString("utf8"), keys);
    if (keyIds.length !== 1) return { fault: `it opens with ${keyIds.length} keys` };
    return isRightKey(keyIds[0]) ? "new" : { fault: `it opens with the wrong key ${keyIds[0]}` };
  }

  function isRightKey(id: string | undefined): boolean {
    const ids = keysBefore.map((key) => key.id);
    if (scenario.key === "fresh") return !ids.includes(id);
    return id === ids[scenario.key === "active" ? 0 : 1];
  }

  async function opensTo(
    path: string,
    file: FoundFile,
    keys: readonly MasterKey[],
    expected: string,
  ): Promise<{ fault: string } | undefined> {
    try {
      const { plain } = await opener.open(path, file.bytes.toString("utf8"), keys);
      return plain === expected ? undefined : { fault: "it opens to another text" };
    } catch (error) {
      return { fault: `it does not open: ${error}` };
    }
  }

  async function faultsOfBackups(
    tree: Tree,
    keys: readonly MasterKey[],
    known: readonly Tree[],
  ): Promise<readonly string[]> {
    const faults: string[] = [];
    for (const [path, file] of tree) {
      const name = backupOf(path);
      if (name === undefined) continue;
      const was = known.some(
        (other) => isSame(other.get(name), file) || isSame(other.get(path), file),
      );
      if (!was) faults.push(`${path}: it is no text that ${name} ever had`);
      try {
        await opener.open(path, file.bytes.toString("utf8"), keys);
      } catch (error) {
        faults.push(`${path}: it does not open: ${error}`);
      }
    }
    for (const path of before.keys()) {
      const isGone = backupOf(path) !== undefined && !tree.has(path);
      if (isGone && scenario.dropsBackups !== true) faults.push(`${path}: the backup is gone`);
    }
    return faults;
  }

  // Files that the command was not asked about, and those that nobody asked for.
  function faultsOfOthers(tree: Tree): readonly string[] {
    const faults: string[] = [];
    const configs = new Set(scenario.configs.map(({ path }) => path));
    for (const [path, old] of before) {
      if (configs.has(path) || isKeyPlace(path) || backupOf(path) !== undefined) continue;
      if (!isSame(tree.get(path), old)) faults.push(`${path}: it was not to be touched`);
    }
    for (const [path, { mode }] of tree) {
      if (mayHoldKeys(path) && mode !== "600")
        faults.push(`${path}: a key is in a file of mode ${mode}`);
      const isOurs = isLeftover(path) || mayHoldKeys(path) || backupOf(path) !== undefined;
      if (!isOurs && !before.has(path)) faults.push(`${path}: nobody asked for this file`);
    }
    return faults;
  }

  function leaksOnDisk(tree: Tree): readonly string[] {
    const wasPlain = [...before.values()].map(({ bytes }) => bytes);
    const detectKeys = leakDetector(marksOf([], safeKeys(tree)));
    const faults: string[] = [];
    for (const [path, { bytes }] of tree) {
      const text = bytes.toString("latin1");
      if (!mayHoldKeys(path))
        faults.push(...detectKeys(text).map((leak) => `${path}: holds ${leak}`));
      // The old text of a config that was plain may stand there under a second name.
      const isOld = wasPlain.some((old) => old.equals(bytes));
      if (!isOld) faults.push(...knownSecrets(text).map((leak) => `${path}: holds ${leak}`));
    }
    return faults;
  }

  async function whenDone(
    tree: Tree,
    seen: readonly Tree[] = [],
    runs = 1,
  ): Promise<readonly string[]> {
    const { faults, isNew, leftovers } = await atAnyTime(tree, seen);
    const left = leftovers.filter((path) => !isForgottenLock(path));
    const wrong = [...faults, ...left.map((path) => `${path} is left`)];
    if (!isNew) wrong.push("the work is not done");
    const ids = new Set<string>();
    const keys = safeKeys(tree);
    for (const { path } of scenario.configs) {
      const text = tree.get(path)?.bytes.toString("utf8") ?? "";
      const opened = await opener.open(path, text, keys).catch(() => undefined);
      for (const id of opened?.keyIds ?? []) ids.add(id);
    }
    if (ids.size > 1) wrong.push(`the configs open with ${ids.size} keys`);
    return [...wrong, ...miscounted(tree, runs), ...stillPlain(tree)];
  }

  // A killed run leaves its locks' names. They lock nothing, and stay where the next run has no work.
  function isForgottenLock(path: string): boolean {
    const changes = scenario.isDone === undefined ? scenario.configs : [];
    const directories = changes.map((config) => dirname(config.path));
    return path.endsWith(".proxmox-mcp.lock") && !directories.includes(dirname(path));
  }

  // Each new key stands for one rotation, and each rotation leaves one backup of each config.
  function miscounted(tree: Tree, runs: number): readonly string[] {
    const [least, most] = scenario.backups;
    const { length } = freshKeys(safeKeys(tree));
    const [from, to] = scenario.key === "fresh" ? [length, length] : [least, most * runs];
    return scenario.configs.flatMap(({ path }) => {
      const added = [...tree.keys()].filter((name) => backupOf(name) === path && !before.has(name));
      const isRight = added.length >= from && added.length <= to;
      return isRight ? [] : [`${path} has ${added.length} new backups`];
    });
  }

  function freshKeys(keys: readonly MasterKey[]): readonly MasterKey[] {
    return keys.filter((key) => !keysBefore.some((other) => other.equals(key)));
  }

  function stillPlain(tree: Tree): readonly string[] {
    return scenario.configs.flatMap(({ path }) =>
      knownSecrets(tree.get(path)?.bytes.toString("latin1") ?? "").map(
        (leak) => `${path}: holds ${leak}`,
      ),
    );
  }

  return {
    atAnyTime,
    whenDone,
    leaks: (text, ...trees) =>
      leakDetector(marksOf(scenario.secrets, [before, ...trees].flatMap(safeKeys)))(text),
  };
}

/** Whether two files are the same to everybody who reads them. */
export function isSame(one: FoundFile | undefined, other: FoundFile | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.bytes.equals(other.bytes) && one.mode === other.mode && one.owner === other.owner;
}

function readKeys(tree: Tree, faults: string[]): readonly MasterKey[] {
  try {
    return keysOf(tree);
  } catch (error) {
    faults.push(`a key text does not parse: ${error}`);
    return [];
  }
}

function safeKeys(tree: Tree): readonly MasterKey[] {
  return readKeys(tree, []);
}

function isSubject(path: string): boolean {
  return !isLeftover(path) && backupOf(path) === undefined && !path.startsWith(`${STORE}/`);
}

function activeIdOf(tree: Tree): string | undefined {
  return keysAt(KEY_FILE, tree)[0]?.id;
}

function keysAt(path: string, tree: Tree): readonly MasterKey[] {
  const file = tree.get(path);
  return file === undefined ? [] : safeKeys(new Map([[path, file]]));
}

function keyTextOf(tree: Tree): string {
  return tree.get(KEY_FILE)?.bytes.toString("utf8") ?? "";
}

function marksOf(
  secrets: readonly string[],
  keys: readonly MasterKey[],
): Record<string, string | Buffer> {
  return Object.fromEntries([
    ...secrets.map((secret, index) => [`secret ${index}`, secret]),
    ...keys.flatMap((key, index) => [
      [`key ${index}`, key.reveal()],
      [`the bytes of key ${index}`, Buffer.from(key.bytes)],
    ]),
  ]);
}
