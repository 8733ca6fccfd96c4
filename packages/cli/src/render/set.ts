import type { SetResult } from "../commands/set.ts";
import type { Line, Rendered } from "./line.ts";
import { toolCommand } from "./printed-command.ts";
import { recoveryJson } from "./recovery.ts";

/** What `set` says. */
export function renderSet({ file, field, added, generated, keyId, keyFlags }: SetResult): Rendered {
  const { location } = field;
  const done = added
    ? `Added ${location} to ${file}, sealed`
    : `Sealed a new value for ${location} in ${file}`;
  const lines: Line[] = [{ text: `${done} (key ${keyId}).`, look: "good" }];
  if (generated !== undefined) {
    const show = toolCommand("decrypt", [file], keyFlags, ["--field", location]);
    lines.push({ text: `It was generated (${generated}). Show it: ${show}` });
  }
  return { stdout: "", stderr: lines };
}

/** The JSON of `set`. */
export function setJson(result: SetResult): object {
  const { file, field, added, generated, keyId, recovered } = result;
  return {
    file,
    location: field.location,
    before: added ? "absent" : field.state,
    generated: generated ?? null,
    keyId: keyId ?? null,
    recovered: recovered.map(recoveryJson),
  };
}
