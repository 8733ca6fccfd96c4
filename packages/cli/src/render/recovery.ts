import type { Recovery } from "@proxmox-mcp/crypto/files";
import { counted, type Line } from "./line.ts";

/** What is said of a file that a recovery did not touch. */
export function leftAlone(file: string): string {
  return `${file} was changed by somebody else meanwhile, and was left as it is`;
}

/** What became of runs that were interrupted. */
export function renderRecoveries(recoveries: readonly Recovery[]): readonly Line[] {
  return recoveries.flatMap(({ operation, outcome, files, left }): readonly Line[] => [
    {
      text: `An interrupted ${operation} was ${outcome} first (${counted(files.length, "file")}).`,
      look: "warn",
    },
    ...left.map(
      (file): Line => ({
        text: `  ${leftAlone(file)}`,
        look: "bad",
      }),
    ),
  ]);
}

/** The JSON of a recovery. */
export function recoveryJson({ operation, outcome, keyId, files, left }: Recovery): object {
  return { operation, outcome, keyId: keyId ?? null, files, left };
}
