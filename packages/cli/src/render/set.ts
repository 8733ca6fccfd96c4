import type { SetResult } from "../commands/set.ts";
import type { Line, Rendered } from "./line.ts";

/** What `set` says. */
export function renderSet({ file, field, generated, keyId }: SetResult): Rendered {
  const { location } = field;
  const lines: Line[] = [
    { text: `Sealed a new value for ${location} in ${file} (key ${keyId}).`, look: "good" },
  ];
  if (generated !== undefined) {
    const show = `proxmox-mcp-encrypt decrypt ${file} --field ${location}`;
    lines.push({ text: `It was generated (${generated}). Show it: ${show}` });
  }
  return { stdout: "", stderr: lines };
}

/** The JSON of `set`. */
export function setJson({ file, field, generated, keyId }: SetResult): object {
  return {
    file,
    location: field.location,
    before: field.state,
    generated: generated ?? null,
    keyId: keyId ?? null,
  };
}
