/** What a check that did not fail has to say, in a few words. */
import { type Document, listSecrets } from "@proxmox-mcp/crypto";
import { type Resolution, secretRulesFor } from "@proxmox-mcp/crypto/config";
import type { LoadedKeys, TextFile } from "@proxmox-mcp/crypto/files";
import { isPlain } from "@proxmox-mcp/crypto/internal";
import type { CheckName } from "./check.ts";

/** What loading got hold of. */
export interface Facts {
  readonly file: TextFile | undefined;
  readonly document: Document | undefined;
  readonly keys: LoadedKeys | undefined;
  readonly resolution: Resolution | undefined;
}

/**
 * @param warnings how many warnings stand below it, which it must not contradict.
 * @returns `undefined` where there was nothing to look at.
 */
export function summaryOf(name: CheckName, facts: Facts, warnings: number): string | undefined {
  const { document, file, keys, resolution } = facts;
  switch (name) {
    case "file":
      return file?.path;
    case "syntax":
      return document?.format.toUpperCase();
    case "variables":
      return resolution && variablesOf(resolution);
    case "key":
      return keys === undefined ? resolution && "none needed" : keyOf(keys);
    case "secrets":
      return resolution && secretsOf(resolution, document);
    case "schema":
      return (
        resolution && (hasUnknownKeys(resolution) ? "complete, with unknown keys" : "complete")
      );
    case "modes":
      return file && (warnings === 0 ? "as tight as they must be" : "looser than they must be");
  }
}

function variablesOf({ variables }: Resolution): string {
  return variables.length === 0 ? "none asked for" : variables.join(", ");
}

function hasUnknownKeys({ warnings }: Resolution): boolean {
  return warnings.some(({ code }) => code === "UNKNOWN_KEY");
}

function keyOf({ keys, source }: LoadedKeys): string {
  return `${keys.active.id} from ${source.from}`;
}

function secretsOf(resolution: Resolution, document: Document | undefined): string | undefined {
  const { secrets } = resolution;
  if (secrets.length === 0 || document === undefined) return undefined;
  if (hasUnfilled(resolution, document)) return undefined;
  const opened = secrets.filter((secret) => secret.opened).length;
  const plain = secrets.filter(({ state }) => isPlain(state)).length;
  const filledIn = secrets.filter(({ state }) => state === "placeholder").length;
  if (opened + plain + filledIn < secrets.length) return undefined;
  const parts = [
    `${opened} opened`,
    ...(plain === 0 ? [] : [`${plain} plain`]),
    ...(filledIn === 0 ? [] : [`${filledIn} from variables`]),
  ];
  return parts.join(", ");
}

/** Whether a secret field has a problem that came before it could be looked at. */
function hasUnfilled({ secrets, problems }: Resolution, document: Document): boolean {
  if (problems.length === 0) return false;
  const seen = new Set(secrets.map(({ location }) => location));
  const failed = new Set(problems.map(({ where }) => where.location));
  return listSecrets(document, secretRulesFor(document)).secrets.some(
    ({ location }) => failed.has(location) && !seen.has(location),
  );
}
