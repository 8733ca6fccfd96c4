import { resolve } from "node:path";
import { keyringFlag } from "@proxmox-mcp/crypto/internal";
import type { GenerateKeyResult } from "../commands/generate-key.ts";
import { keyringEntry } from "./keyring-entry.ts";
import type { Rendered } from "./line.ts";
import { recoveryJson } from "./recovery.ts";
import { shellQuote } from "./shell.ts";

/** What `generate-key` says: where the key is and how to use it, never the key itself. */
export function renderGenerateKey({ file, keyring, keyId, text }: GenerateKeyResult): Rendered {
  if (file === undefined) return inKeyring(keyring ?? "", keyId, text);
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

function inKeyring(account: string, keyId: string | undefined, text: string | undefined): Rendered {
  const flag = shellQuote(keyringFlag(account));
  const rest = [
    "",
    "Use it from there:",
    `  proxmox-mcp-encrypt encrypt config.json ${flag}`,
    `  proxmox-mcp-server ${flag} config.encrypted.json`,
    "",
    "Keep it safe:",
    "  - Whoever is logged in as you, with the keyring unlocked, can read it.",
    "  - Back it up. Losing it means losing the encrypted values.",
  ];
  return {
    stdout: text ?? "",
    stderr: [
      { text: `A new master key is in ${keyringEntry(account)} (key ${keyId}).`, look: "good" },
      ...rest.map((line) => ({ text: line })),
    ],
  };
}

/** The JSON of `generate-key`. */
export function generateKeyJson(result: GenerateKeyResult): object {
  const { file, keyring, keyId, text, recovered } = result;
  return {
    file: file ?? null,
    keyring: keyring ?? null,
    keyId: keyId ?? null,
    mode: file === undefined ? null : "600",
    ...(text === undefined ? {} : { key: text.trimEnd() }),
    recovered: recovered.map(recoveryJson),
  };
}
