/** JSON Pointers (RFC 6901), built one step at a time, and taken apart. */

/**
 * The pointer of what `key` names below `parent`, which is itself a pointer; `~` and `/` in a key become
 * `~0` and `~1` (RFC 6901, section 3). Items of a list count from 0.
 */
export function childPointer(parent: string, key: string | number): string {
  return typeof key === "number" ? `${parent}/${key}` : `${parent}/${escapeStep(key)}`;
}

function escapeStep(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

/** The decoded segments of a pointer; none for the root. */
export function splitPointer(pointer: string): readonly string[] {
  return pointer.split("/").slice(1).map(decodeSegment);
}

/** The pointer of the map or list that holds a value. */
export function parentPointer(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf("/"));
}

function decodeSegment(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}
