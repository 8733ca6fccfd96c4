/** JSON Pointers (RFC 6901), built one step at a time. */

/** The pointer of what `key` names below `parent`, which is itself a pointer. */
export function childPointer(parent: string, key: string | number): string {
  return typeof key === "number" ? `${parent}/${key}` : `${parent}/${escapeStep(key)}`;
}

function escapeStep(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}
