/** What a failed command says of the disk, held against what is there. */

import type { Standing } from "./promise.ts";
import { KEY_FILE } from "./scenario.ts";
import { isKeyPlace } from "./state.ts";

/** A phrase that tells what is on the disk, and what is wrong with it where it lies. */
interface Phrase {
  readonly words: RegExp;
  faults(standing: Standing, found: readonly RegExpMatchArray[]): readonly string[];
}

const PHRASES: readonly Phrase[] = [
  {
    words: /\bnothing (else )?was (changed|written|done|deleted)\b/g,
    faults: ({ isOld }) => (isOld ? [] : ["something was changed"]),
  },
  {
    words: /\bno (other )?config was changed\b/g,
    faults: ({ touched, configs }) =>
      configs.filter((path) => touched.includes(path)).map((path) => `${path} is not as it was`),
  },
  {
    words: /\bevery file has its old text\b/g,
    faults: ({ isOld, isSwitched }) => (isOld && !isSwitched ? [] : ["a file has its new text"]),
  },
  {
    words: /\b(every file has its new text|the files are done)\b/g,
    faults: ({ isNew }) => (isNew ? [] : ["a file has its old text"]),
  },
  {
    words: /(\S+) was (replaced|written), but /g,
    faults: ({ touched }, found) => {
      const named = found.map(([, path = ""]) => path);
      return [
        ...named.filter((path) => !touched.includes(path)).map((path) => `${path} is as it was`),
        ...missing(touched, named),
      ];
    },
  },
  {
    words: /\b(new|old) text: ([^;]+?)(?=;|\. Way out)/g,
    faults: ({ touched, configs, isSwitched }, found) => {
      const namedAs = (what: string) =>
        found.flatMap(([, text, paths = ""]) => (text === what ? paths.split(", ") : []));
      const isNew = (path: string) => (path === KEY_FILE ? isSwitched : touched.includes(path));
      const all = [...namedAs("new"), ...namedAs("old")];
      return [
        ...namedAs("new")
          .filter((path) => !isNew(path))
          .map((path) => `${path} is old`),
        ...namedAs("old")
          .filter(isNew)
          .map((path) => `${path} is new`),
        ...configs.filter((path) => !all.includes(path)).map((path) => `${path} is not told`),
      ];
    },
  },
  {
    words: /\bbackups? .*?\b(were|was) deleted\b|\b\d+ before it were deleted\b/g,
    faults: ({ gone }) => (gone.length > 0 ? [] : ["no backup is gone"]),
  },
];

// Nothing was tried by then that could have changed anything: this is the whole message.
const UNREAD =
  /^error\[(FILE|KEY)_UNREADABLE\]: cannot (read|list|see whether a new key waits in) \S+: [^;]+\. Way out: /;

/**
 * Whether a failure says what is on the disk: that nothing was changed, or what is new and what is old.
 *
 * @param line the error, with paths relative to the tree.
 */
export function faultsOfAccount(line: string, standing: Standing): readonly string[] {
  const faults: string[] = [];
  let isTold = false;
  for (const { words, faults: faultsOf } of PHRASES) {
    const found = [...line.matchAll(words)];
    if (found.length === 0) continue;
    isTold = true;
    faults.push(
      ...faultsOf(standing, found).map((fault) => `it says "${found[0]?.[0]}", but ${fault}`),
    );
  }
  if (UNREAD.test(line)) {
    isTold = true;
    if (!standing.isOld) faults.push("it does not say what it changed");
  }
  if (!isTold) faults.push("it does not say what is on the disk");
  const { gone, freshIds, complete } = standing;
  const told = / were deleted before \((\d+)\)/.exec(line)?.[1] ?? "0";
  if (gone.length !== Number(told))
    faults.push(`it tells of ${told} deleted backups, not ${gone.length}`);
  for (const id of freshIds) {
    const [, path = ""] =
      new RegExp(`the new key ${id} (?:is|waits) in (\\S+?)(?:,|;|\\.? Way)`).exec(line) ?? [];
    if (!isKeyPlace(path)) faults.push(`it does not say where the new key ${id} is`);
    if (line.includes(", which opens old texts and new ones alike") && !complete.includes(path))
      faults.push(`${path} does not open every text`);
  }
  return faults;
}

function missing(touched: readonly string[], named: readonly string[]): readonly string[] {
  return touched
    .filter((path) => !isKeyPlace(path) && !named.includes(path))
    .map((path) => `${path} is not as it was`);
}
