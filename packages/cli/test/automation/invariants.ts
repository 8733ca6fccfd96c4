/** What must be true of the outside after every cut, and what must be true in the end. */
import { openConfigs } from "./configs.ts";
import { everyKeySeen, everyKeyStored, isKeyFile, keyDetector, keysIn, pastTexts } from "./keys.ts";
import type { Rotation } from "./rotation.ts";
import { tokens } from "./stubs/tokens.ts";

/** What was found of a world. */
export interface Findings {
  /** What is wrong, each in one line; empty where everything holds. */
  readonly faults: readonly string[];
  /** Ids of all keys that a store ever held. */
  readonly keyIds: readonly string[];
}

/**
 * What holds at any time: what is committed, proposed or deployed opens with what the store holds, the
 * store never held less than a key, a proposal changes configs alone, and no key is anywhere else.
 */
export async function atAnyTime(rotation: Rotation): Promise<Findings> {
  const { world, plain, evidence } = rotation;
  const seen = everyKeySeen(
    world.directory,
    evidence.flatMap(({ left }) => left),
    evidence.flatMap(({ masks }) => masks),
  );
  const faults: string[] = [];
  const held = keysIn(rotation.keyText());
  for (const { store, text } of pastTexts(world.directory)) {
    const keys = keysIn(text);
    if (keys.length === 0 || keys.some(({ weakness }) => weakness !== undefined))
      faults.push(`${store} was no whole key text`);
  }
  for (const [place, texts] of Object.entries(rotation.places())) {
    faults.push(...(await openConfigs(place, texts, plain, held)).faults);
  }
  for (const [proposal, paths] of Object.entries(rotation.changes())) {
    const others = paths.filter((path) => plain[path] === undefined);
    if (others.length > 0) faults.push(`${proposal} changes ${others.join(", ")}`);
  }
  const keys = keyDetector(seen);
  for (const [where, text] of everythingSaid(rotation)) {
    faults.push(...keys(text).map((leak) => `${where}: ${leak}`));
  }
  faults.push(...tokensInArguments(rotation));
  return {
    faults: [...new Set(faults)],
    keyIds: everyKeyStored(world.directory).map(({ id }) => id ?? "?"),
  };
}

/** What holds as well when nothing is left to do. @param rotations how many there were. */
export async function whenSettled(rotation: Rotation, rotations = 1): Promise<readonly string[]> {
  const { faults, keyIds } = await atAnyTime(rotation);
  const wrong = [...faults];
  if (keyIds.length !== 1 + rotations) wrong.push(`${keyIds.length - 1} new keys were stored`);
  const [key, ...old] = keysIn(rotation.keyText());
  if (old.length > 0) wrong.push("old keys are kept");
  const texts = rotation.places()[rotation.source] ?? {};
  const opened = await openConfigs(rotation.source, texts, rotation.plain, key ? [key] : []);
  wrong.push(...opened.faults.map((fault) => `${fault}, with the new key alone`));
  if (rotation.openProposals() > 0) wrong.push("a proposal is left open");
  const expected = Object.keys({ ...rotation.plain, ...rotation.others }).sort();
  const found = Object.keys(texts).sort();
  if (found.join() !== expected.join()) wrong.push(`${rotation.source} has ${found.join(", ")}`);
  return wrong;
}

/** All texts in which no key may be, each once, with where it was found. */
function* everythingSaid(rotation: Rotation): Generator<readonly [string, string]> {
  const met = new Set<string>();
  for (const { calls, printed, handedOver, left } of rotation.evidence) {
    for (const { label, argv, env } of calls) {
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      for (const text of [...argv, ...variables]) {
        if (!met.has(text)) yield [`${label}, its arguments or environment`, text];
        met.add(text);
      }
    }
    for (const text of printed) yield ["what was printed", text];
    for (const text of handedOver) yield ["what was handed over", text];
    for (const file of left) {
      if (!isKeyFile(file)) yield [`${file.path}, mode ${file.mode}`, file.text];
    }
  }
  for (const text of rotation.said()) yield ["an issue or a proposal", text];
  for (const [place, texts] of Object.entries(rotation.places())) {
    for (const [path, text] of Object.entries(texts)) yield [`${path} of ${place}`, text];
  }
}

// Every process of a machine may read the arguments of the others.
function tokensInArguments({ world, evidence }: Rotation): readonly string[] {
  const known = Object.keys(tokens(world.directory));
  return evidence.flatMap(({ calls, printed }) => [
    ...calls
      .filter(({ argv }) => known.some((token) => argv.some((word) => word.includes(token))))
      .map(({ label }) => `${label}: a token in an argument`),
    ...known
      .filter((token) => printed.some((text) => text.includes(token)))
      .map((token) => `${token} was printed`),
  ]);
}
