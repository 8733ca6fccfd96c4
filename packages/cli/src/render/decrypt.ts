import type { DecryptResult } from "../commands/decrypt.ts";
import { fieldJson } from "./field-json.ts";
import type { Rendered } from "./render.ts";
import type { Style } from "./style.ts";

/** What `decrypt` says: the plain text on stdout, or where it was written. */
export function renderDecrypt(result: DecryptResult, style: Style): Rendered {
  const { text, field, output, input, decrypted } = result;
  if (text !== undefined) {
    // A single value ends its line for a terminal and for `$(…)`; a document stays as it is.
    return { stdout: field === undefined ? text : `${text}\n`, stderr: "" };
  }
  const fields = decrypted.length === 1 ? "1 field" : `${decrypted.length} fields`;
  const lines = [
    style.good(`Decrypted ${fields} of ${input} to ${output} (mode 600).`),
    style.warn("It holds secrets in plain text. Delete it when it is no longer needed."),
  ];
  return { stdout: "", stderr: `${lines.join("\n")}\n` };
}

/** The JSON of `decrypt`. */
export function decryptJson(result: DecryptResult): object {
  const { input, output, text, field, decrypted } = result;
  return {
    input,
    output: output ?? null,
    ...(field === undefined ? {} : { field }),
    ...(text === undefined ? {} : { text }),
    decrypted: decrypted.map(fieldJson),
  };
}
