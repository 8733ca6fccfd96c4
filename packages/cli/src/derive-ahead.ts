/** Which key a run will derive, as far as its arguments tell before anything parses them. */
import type { StartedDerivation } from "@proxmox-mcp/crypto";
import { type Guess, pathExists, startEarly } from "@proxmox-mcp/crypto/files";
import { homeKeyFile } from "./io.ts";

/**
 * Begins a derivation where `COMMAND FILE` come first and no flag names another key.
 *
 * @returns `undefined` where the arguments say too little, or as `startEarly`.
 */
export function deriveAhead(
  argv: readonly string[],
  env: Guess["key"]["env"],
  home: string,
): StartedDerivation | undefined {
  const [command = "", path, ...flags] = argv;
  const work = workOf(command, flags);
  if (work === undefined || path === undefined || flags.some((flag) => flag.startsWith("--key"))) {
    return undefined;
  }
  const homeFile = homeKeyFile({ home });
  return startEarly({ key: { env, homeFile, exists: pathExists }, path, work });
}

function workOf(command: string, flags: readonly string[]): Guess["work"] | undefined {
  switch (command) {
    case "status":
    case "decrypt":
      return "open";
    case "encrypt":
    case "set":
      return flags.includes("--unbound") ? "seal unbound" : "seal bound";
    default:
      return undefined;
  }
}
