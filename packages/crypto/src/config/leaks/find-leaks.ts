/** The secrets that the text of a file shows, whatever file it is. Needs no key, and never throws. */
import type { Document } from "../../document/document.ts";
import { formatOf, formatOfName } from "../../document/format.ts";
import { openDocument } from "../../document/open.ts";
import { placesOf } from "../../document/place.ts";
import { allowedLines } from "./allow.ts";
import { documentSpots } from "./document-spots.ts";
import { encodedTexts, isSecretAlone } from "./encoded.ts";
import { isKeyText } from "./key-spots.ts";
import type { Leak, Spot } from "./leak.ts";
import { textSpots } from "./text-spots.ts";

/** What a file shows. */
export interface Leaks {
  /** In the order of the text. */
  readonly leaks: readonly Leak[];
  /** How many more a comment lets pass. */
  readonly allowed: number;
}

// Without one of these no rule names a field of a config.
const WORTH_PARSING =
  /(?:token|secret|passw|passphrase|key|credential)[\w-]{0,40}["']?\s{0,20}[:=]|enc:/i;
// The parser of YAML takes a second for a few hundred of these. Longer files are lists of a lock.
const MAX_YAML = 64 * 1024;
// What is in Base64 has no name that would tell its format.
const NAMES = { json: "a.json", yaml: "a.yaml", dotenv: ".env" } as const;

/**
 * Finds the secrets of a text: fields of a config that are not encrypted, values that look like secrets
 * beside names that tell of one, API tokens of Proxmox VE, master keys.
 *
 * @param path of its file. Its ending says whether it is a config, and where values have no quotes.
 */
export async function findLeaks(text: string, path: string): Promise<Leaks> {
  if (isKeyText(text)) {
    return { leaks: [{ kind: "key-file", line: 1, column: 1, name: undefined }], allowed: 0 };
  }
  const spots = apart([...(await spotsOf(text, path)), ...(await encodedSpots(text))]);
  if (spots.length === 0) return { leaks: [], allowed: 0 };
  const place = placesOf(text);
  const allowed = allowedLines(text, { place, path });
  const all = spots.map(({ kind, name, start }): Leak => ({ kind, name, ...place(start) }));
  const leaks = all.filter(({ line }) => !allowed.has(line));
  return { leaks, allowed: all.length - leaks.length };
}

async function spotsOf(text: string, path: string): Promise<readonly Spot[]> {
  const document = await parsed(text, path);
  const named = document === undefined ? [] : documentSpots(document);
  return [...named, ...textSpots(text, path)];
}

/** The first secret of each text that stands there in Base64. What is in that once more is not looked at. */
async function encodedSpots(text: string): Promise<readonly Spot[]> {
  const found: Spot[] = [];
  for (const { text: inner, start, end } of encodedTexts(text)) {
    const [first] = apart(await spotsOf(inner, NAMES[formatOf(undefined, inner)]));
    if (first !== undefined) found.push({ ...first, start, end });
    else if (isSecretAlone(inner))
      found.push({ kind: "secret-looking", name: undefined, start, end });
  }
  return found;
}

// A file that is no config after all, for this parser, is a text like others.
async function parsed(text: string, path: string): Promise<Document | undefined> {
  const format = formatOfName(path);
  if (format === undefined || !WORTH_PARSING.test(text)) return undefined;
  if (format === "yaml" && text.length > MAX_YAML) return undefined;
  try {
    return await openDocument(text, { format });
  } catch {
    return undefined;
  }
}

/** Each value once, in the order of the text. Of spots that overlap the first one says most. */
function apart(spots: readonly Spot[]): readonly Spot[] {
  const ranked = spots.map((spot, rank) => ({ spot, rank }));
  ranked.sort((one, other) => one.spot.start - other.spot.start || one.rank - other.rank);
  const kept: typeof ranked = [];
  for (const candidate of ranked) {
    const last = kept.at(-1);
    if (last === undefined || last.spot.end <= candidate.spot.start) kept.push(candidate);
    else if (candidate.rank < last.rank) kept.splice(-1, 1, candidate);
  }
  return kept.map(({ spot }) => spot);
}
