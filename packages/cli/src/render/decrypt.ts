import type { DecryptResult } from "../commands/decrypt.ts";
import { streamName } from "../input.ts";
import { fieldJson } from "./field-json.ts";
import { counted, type Rendered } from "./line.ts";
import { recoveryJson } from "./recovery.ts";

/** What `decrypt` says: the plain text on stdout, or where it was written. */
export function renderDecrypt(result: DecryptResult): Rendered {
  const { text, field, output, input, decrypted } = result;
  if (text !== undefined) {
    // A single value ends its line for a terminal and for `$(…)`; a document stays as it is.
    return { stdout: field === undefined ? text : `${text}\n`, stderr: [] };
  }
  const fields = counted(decrypted.length, "field");
  return {
    stdout: "",
    stderr: [
      {
        text: `Decrypted ${fields} of ${streamName(input, "stdin")} to ${output} (mode 600).`,
        look: "good",
      },
      {
        text: "It holds secrets in plain text. Delete it when it is no longer needed.",
        look: "warn",
      },
    ],
  };
}

/** The JSON of `decrypt`. */
export function decryptJson(result: DecryptResult): object {
  const { input, output, text, field, decrypted, keyId, recovered } = result;
  return {
    input,
    output: output ?? null,
    ...(field === undefined ? {} : { field }),
    ...(text === undefined ? {} : { text }),
    decrypted: decrypted.map(fieldJson),
    keyId: keyId ?? null,
    recovered: recovered.map(recoveryJson),
  };
}
