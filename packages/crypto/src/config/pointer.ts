/** JSON Pointers (RFC 6901), taken apart. */

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
