/** The values of a document as a tree of plain objects, reachable by location. */
import type { Document, Value } from "../document/document.ts";
import { parentPointer, splitPointer } from "../document/pointer.ts";

/** A tree that can be edited by location. Keys such as `__proto__` are ordinary keys in it. */
export interface Tree {
  readonly root: unknown;
  /** Replaces what stands at a location of the document. */
  set(location: string, content: unknown): void;
  /** Removes a key from its map. */
  remove(location: string): void;
}

/** Builds the tree of a JSON or YAML document. */
export function treeOf(document: Document): Tree {
  const holder: { root?: unknown } = {};
  const containers = new Map<string, object>();
  const put = (location: string, content: unknown): void => {
    const name = splitPointer(location).at(-1);
    const parent = name === undefined ? holder : containers.get(parentPointer(location));
    if (parent === undefined) throw new TypeError(`no map or list holds ${location}`);
    // A definition, not an assignment: a key named __proto__ must not change the prototype.
    Object.defineProperty(parent, name ?? "root", {
      value: content,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  };
  for (const value of document.values) {
    const content = contentOf(value, document.text);
    if (typeof content === "object" && content !== null) containers.set(value.location, content);
    put(value.location, content);
  }
  return {
    root: holder.root,
    set: put,
    remove(location) {
      const name = splitPointer(location).at(-1);
      const parent = containers.get(parentPointer(location));
      if (name !== undefined && parent !== undefined) Reflect.deleteProperty(parent, name);
    },
  };
}

function contentOf(value: Value, text: string): unknown {
  switch (value.kind) {
    case "string":
      return value.text;
    case "number":
      return Number(text.slice(value.start, value.end));
    case "boolean":
      return text.slice(value.start, value.end).toLowerCase() === "true";
    case "null":
      return null;
    case "list":
      return [];
    case "map":
      return {};
  }
}
