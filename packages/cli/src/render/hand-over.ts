import { resolve } from "node:path";
import type { KeyHolder } from "../rotation/key-holder.ts";
import { shellQuote } from "./shell.ts";

/**
 * How a key text gets from a file to where the present key was found. Two variables with different
 * keys are an error, so that one of them must go.
 */
export function handOverFrom(file: string, { kind, name }: KeyHolder): readonly string[] {
  // Whoever pastes the line may stand in another directory.
  const quoted = shellQuote(resolve(file));
  const useFile = `export PROXMOX_MCP_MASTER_KEY_FILE=${quoted}`;
  switch (kind) {
    case "variable":
      return [
        `${name} still holds the old key. Give it the new key text:`,
        `  export ${name}="$(cat ${quoted})"`,
        "or use the file instead:",
        `  unset ${name}; ${useFile}`,
      ];
    case "command":
      return [
        `The command in ${name} must print the text of ${quoted} from now on; or use the file instead:`,
        `  unset ${name}; ${useFile}`,
      ];
    case "keyring":
      return [
        `${name} still holds the old key. Instead of --keyring use the new file:`,
        `  ${useFile}`,
      ];
    case "file":
      return [
        `${name} still holds the old key. Put the text of ${quoted} there, or use the new file instead:`,
        `  ${useFile}`,
      ];
  }
}
