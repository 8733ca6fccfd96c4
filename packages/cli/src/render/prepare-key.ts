import type { PrepareKeyResult } from "../commands/prepare-key.ts";
import { destinationJson } from "./destination-json.ts";
import { handOverFrom } from "./hand-over.ts";
import { keyringEntry } from "./keyring-entry.ts";
import type { Line, Rendered } from "./line.ts";
import { newKeyFlags } from "./next-steps.ts";
import { toolCommand } from "./printed-command.ts";
import { recoveryJson, renderRecoveries } from "./recovery.ts";

/** What `prepare-key` says. */
export function renderPrepareKey(result: PrepareKeyResult): Rendered {
  const { newKeyOrigin, newKeyId, oldKeyId, keyFile } = result;
  const headline: Line =
    newKeyOrigin === "fresh"
      ? {
          text: `The next key is ${newKeyId}; ${oldKeyId ?? "the present one"} stays active.`,
          look: "good",
        }
      : { text: `A next key was waiting already: ${newKeyId}. No other was made.` };
  return {
    stdout: "",
    stderr: [
      ...renderRecoveries(result.recovered),
      headline,
      ...(keyFile === undefined ? [] : [{ text: `Both are in ${keyFile} (mode 600).` }]),
      { text: "No config was changed." },
      { text: "" },
      { text: "Next:" },
      ...handOver(result).map((text) => ({ text: `  ${text}` })),
      { text: `  When every server has both keys: ${rotation(result)}` },
    ],
  };
}

function rotation(result: PrepareKeyResult): string {
  return toolCommand("rotate-key-all", ["DIRECTORY"], {
    ...newKeyFlags(result),
    hasSink: result.destination.kind === "sink",
  });
}

function handOver({ destination, holder }: PrepareKeyResult): readonly string[] {
  switch (destination.kind) {
    case "sink":
      return [`Restart what reads the key that ${destination.sink.argv[0]} stored.`];
    case "keyring":
      return [`Restart what reads ${keyringEntry(destination.account)}.`];
    case "key-file":
      return [`Restart what reads ${destination.path}.`];
    default:
      return handOverFrom(destination.path, holder);
  }
}

/** The JSON of `prepare-key`. */
export function prepareKeyJson(result: PrepareKeyResult): object {
  const { newKeyOrigin, oldKeyId, newKeyId, keyFrom, destination, keyFile, recovered } = result;
  return {
    newKeyOrigin,
    oldKeyId: oldKeyId ?? null,
    newKeyId: newKeyId ?? null,
    keyFrom,
    destination: destinationJson(destination),
    keyFile: keyFile ?? null,
    recovered: recovered.map(recoveryJson),
  };
}
