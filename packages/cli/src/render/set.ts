import type { SetResult } from "../commands/set.ts";
import type { Rendered } from "./render.ts";
import type { Style } from "./style.ts";

/** What `set` says. */
export function renderSet(result: SetResult, style: Style): Rendered {
  const { file, field, generated, keyId } = result;
  const lines = [style.good(`Sealed a new value for ${field.location} in ${file} (key ${keyId}).`)];
  if (generated !== undefined) {
    lines.push(
      `It was generated (${generated}). Show it: proxmox-mcp-encrypt decrypt ${file} --field ${field.location}`,
    );
  }
  return { stdout: "", stderr: `${lines.join("\n")}\n` };
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
