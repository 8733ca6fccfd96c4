import { resolve } from "node:path";
import type { GenerateKeyResult } from "../commands/generate-key.ts";
import type { Rendered } from "./line.ts";
import { recoveryJson } from "./recovery.ts";
import { shellQuote } from "./shell.ts";

/** What `generate-key` says: where the key is and how to use it, never the key itself. */
export function renderGenerateKey({ file, keyId, text }: GenerateKeyResult): Rendered {
  // Whoever pastes the line may stand in another directory.
  const quoted = shellQuote(resolve(file));
  const rest = [
    "",
    "Use it from its file:",
    `  export PROXMOX_MCP_MASTER_KEY_FILE=${quoted}`,
    "or, for programs that read the variable:",
    `  export PROXMOX_MCP_MASTER_KEY=$(cat ${quoted})`,
    "",
    "Keep it safe:",
    "  - Store this file securely, and apart from the configs.",
    "  - Back it up. Losing it means losing the encrypted values.",
    "  - Mode 600 is set: only you can read it.",
  ];
  return {
    stdout: text ?? "",
    stderr: [
      { text: `A new master key is in ${file} (key ${keyId}, mode 600).`, look: "good" },
      ...rest.map((line) => ({ text: line })),
    ],
  };
}

/** The JSON of `generate-key`. */
export function generateKeyJson({ file, keyId, text, recovered }: GenerateKeyResult): object {
  return {
    file,
    keyId: keyId ?? null,
    mode: "600",
    ...(text === undefined ? {} : { key: text.trimEnd() }),
    recovered: recovered.map(recoveryJson),
  };
}
