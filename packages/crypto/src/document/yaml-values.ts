/** Walks a composed YAML document and lists its values as readers see them. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from "yaml";
import type { Value } from "./document.ts";
import { childPointer } from "./pointer.ts";
import { MAX_DEPTH, type Source } from "./source.ts";
import type { ComposedYaml } from "./yaml-compose.ts";
import { keyText, rangeOf, readScalar, STRING_TAG } from "./yaml-scalar.ts";

/** What a YAML document holds. */
interface YamlValues {
  readonly values: readonly Value[];
  /** Where plain scalars inside of braces or brackets start. */
  readonly flowStarts: ReadonlySet<number>;
}

/** Where a node stands, and what stands above it. */
interface Position {
  readonly location: string;
  readonly name: string;
  readonly depth: number;
  readonly inFlow: boolean;
  readonly ambiguity: string | undefined;
  /** The range of the alias or merge that brings the node here, where one does. */
  readonly borrowed: readonly [start: number, end: number] | undefined;
}

const ROOT: Position = {
  location: "",
  name: "",
  depth: 1,
  inFlow: false,
  ambiguity: undefined,
  borrowed: undefined,
};

const MERGE_KEY = "<<";
// A few aliases of aliases can stand for more values than memory holds.
const MAX_BORROWED = 10_000;

const ANCHOR = "a YAML anchor lets other fields share it; write the value without an anchor";
const ALIAS = "it comes from a YAML alias; write the value itself there";
const MERGE = "readers of YAML disagree on the merge key <<; write out the fields that it merges";
const TAG = "readers of YAML disagree on its tag; remove the tag";

/** Lists the values of a document. @throws ProxmoxMcpError SYNTAX, DUPLICATE_FIELD or AMBIGUOUS. */
export function readYamlValues(source: Source, document: ComposedYaml): YamlValues {
  const walk = new Walk(source);
  if (document?.contents != null) walk.visit(document.contents, ROOT);
  return walk;
}

class Walk implements YamlValues {
  readonly values: Value[] = [];
  readonly flowStarts: Set<number> = new Set<number>();
  readonly #source: Source;
  readonly #anchors = new Map<string, ParsedNode>();
  readonly #targets = new Map<Alias.Parsed, ParsedNode>();
  #borrowed = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  visit(node: ParsedNode, at: Position): void {
    if (at.borrowed !== undefined) this.#borrow(at.borrowed[0]);
    if (isAlias(node)) {
      const [start, end] = node.range;
      const borrowed = at.borrowed ?? ([start, end] as const);
      this.visit(this.#target(node), {
        ...at,
        depth: at.depth + 1,
        ambiguity: at.ambiguity ?? ALIAS,
        borrowed,
      });
      return;
    }
    if (at.depth > MAX_DEPTH + 1) throw this.#source.tooDeep(at.borrowed?.[0] ?? node.range[0]);
    // What an alias stands for was seen where it stands; its anchors may mean something else now.
    if (node.anchor !== undefined && at.borrowed === undefined) {
      this.#anchors.set(node.anchor, node);
    }
    const position = { ...at, ambiguity: at.ambiguity ?? ambiguityOfProperties(node) };
    if (isMap(node)) {
      this.#visitMap(node, position);
    } else if (isSeq(node)) {
      this.#add("list", "", rangeOf(this.#source, node), position);
      const inFlow = at.inFlow || node.flow === true;
      node.items.forEach((item, index) => {
        this.visit(item, below({ ...position, inFlow }, index));
      });
    } else {
      const { kind, text, range, ambiguity, plain } = readScalar(this.#source, node, at.location);
      this.#add(kind, text, range, { ...position, ambiguity: position.ambiguity ?? ambiguity });
      if (plain && at.inFlow) this.flowStarts.add(range[0]);
    }
  }

  #visitMap(map: YAMLMap.Parsed, at: Position): void {
    this.#add("map", "", rangeOf(this.#source, map), at);
    const keys = this.#keys(map, at.location);
    const inside = {
      ...at,
      inFlow: at.inFlow || map.flow === true,
      ambiguity: at.ambiguity ?? (keys.has(MERGE_KEY) ? MERGE : undefined),
    };
    const taken = new Set(keys.keys());
    for (const { key, value } of map.items) {
      const child = below(inside, keyText(this.#source, key, at.location));
      if (value === null) {
        this.#add("null", "", [key.range[1], key.range[1]], child);
        continue;
      }
      this.visit(value, child);
      if (child.name === MERGE_KEY) this.#merge(value, inside, taken);
    }
  }

  /** Lists what a merge key brings into the map at `at`, as the readers that merge see it. */
  #merge(node: ParsedNode, at: Position, taken: Set<string>): void {
    const [start, end] = at.borrowed ?? rangeOf(this.#source, node);
    this.#borrow(start);
    if (at.depth > MAX_DEPTH) throw this.#source.tooDeep(start);
    const inside: Position = { ...at, depth: at.depth + 1, borrowed: [start, end] };
    if (isAlias(node)) {
      this.#merge(this.#target(node), inside, taken);
    } else if (isSeq(node)) {
      for (const item of node.items) this.#merge(item, inside, taken);
    } else if (isMap(node)) {
      // A map's own fields come before those that it merges itself.
      let inner: ParsedNode | undefined;
      for (const { key, value } of node.items) {
        const name = keyText(this.#source, key, at.location);
        if (name === MERGE_KEY) {
          inner = value ?? undefined;
        } else if (value !== null && !taken.has(name)) {
          taken.add(name);
          this.visit(value, below(inside, name));
        }
      }
      if (inner !== undefined) this.#merge(inner, inside, taken);
    }
  }

  /** The keys of a map, with their offsets. */
  #keys(map: YAMLMap.Parsed, location: string): ReadonlyMap<string, number> {
    const keys = new Map<string, number>();
    for (const { key } of map.items) {
      const text = keyText(this.#source, key, location);
      const first = keys.get(text);
      if (first !== undefined) {
        throw this.#source.duplicate(childPointer(location, text), first, key.range[0]);
      }
      keys.set(text, key.range[0]);
    }
    return keys;
  }

  #target(alias: Alias.Parsed): ParsedNode {
    const target = this.#targets.get(alias) ?? this.#anchors.get(alias.source);
    if (target === undefined) {
      throw this.#source.fault("SYNTAX", "this alias has no anchor before it", alias.range[0]);
    }
    this.#targets.set(alias, target);
    return target;
  }

  #borrow(offset: number): void {
    this.#borrowed += 1;
    if (this.#borrowed <= MAX_BORROWED) return;
    throw this.#source.fault(
      "SYNTAX",
      `aliases stand for more than ${MAX_BORROWED} values`,
      offset,
    );
  }

  #add(kind: Value["kind"], text: string, range: readonly [number, number], at: Position): void {
    const { location, name, ambiguity } = at;
    const [start, end] = at.borrowed ?? range;
    const value = { location, name, kind, text, start, end };
    this.values.push(ambiguity === undefined ? value : { ...value, ambiguity });
  }
}

function below(at: Position, step: string | number): Position {
  return {
    ...at,
    location: childPointer(at.location, step),
    name: String(step),
    depth: at.depth + 1,
  };
}

function ambiguityOfProperties(node: Exclude<ParsedNode, Alias.Parsed>): string | undefined {
  if (node.anchor !== undefined) return ANCHOR;
  return node.tag === undefined || (isScalar(node) && node.tag === STRING_TAG) ? undefined : TAG;
}
