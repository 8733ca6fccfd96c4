/** Which key a check will derive, as far as its arguments tell before anything parses them. */
import type { StartedDerivation } from "@proxmox-mcp/crypto";
import { pathExists, startEarly } from "@proxmox-mcp/crypto/files";
import { configPath } from "../config/config-path.ts";
import type { Environment } from "../environment.ts";

/** What says nothing about config or key. */
const PLAIN_FLAGS = new Set(["--test", "--json", "--debug"]);

/**
 * Begins a derivation where nothing but a config and plain flags is given.
 *
 * @returns `undefined` where the arguments say too little, or as `startEarly`.
 */
export function deriveAhead(
  argv: readonly string[],
  env: Environment,
): StartedDerivation | undefined {
  const [config, ...more] = argv.filter((argument) => !PLAIN_FLAGS.has(argument));
  if (more.length > 0 || config?.startsWith("-")) return undefined;
  const path = configPath({ config, env });
  return startEarly({ key: { env, exists: pathExists }, path, work: "open" });
}
