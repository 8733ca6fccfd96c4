/** Files that hold a secret in plain sight and are open to others. */
import type { ConfigSecret } from "@proxmox-mcp/crypto/config";
import { type LoadedKeys, opennessOf, type TextFile } from "@proxmox-mcp/crypto/files";
import { isPlain } from "@proxmox-mcp/crypto/internal";
import type { HealthWarning } from "./check.ts";

/** Warns of a loose config with plain secrets, and passes on what was found about key files. */
export function warnOfModes(
  file: TextFile | undefined,
  secrets: readonly ConfigSecret[],
  keys: LoadedKeys | undefined,
): readonly HealthWarning[] {
  const warnings = (keys?.warnings ?? []).map((message) => ({
    code: "LOOSE_MODE" as const,
    message,
    where: {},
  }));
  const others = file && secrets.some(({ state }) => isPlain(state)) ? opennessOf(file) : undefined;
  if (file === undefined || others === undefined) return warnings;
  return [
    ...warnings,
    {
      code: "LOOSE_MODE",
      message: `the config holds a plain secret and is open to ${others}`,
      where: { file: file.path },
      hint: `chmod 600 ${file.path}`,
    },
  ];
}
