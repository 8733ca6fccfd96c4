/** What a check that did not fail has to say, in a few words. */
import { type Document, isPlain } from "@proxmox-mcp/crypto";
import type { Resolution } from "@proxmox-mcp/crypto/config";
import type { LoadedKeys, TextFile } from "@proxmox-mcp/crypto/files";
import type { CheckName } from "./report.ts";

/** What loading got hold of. */
export interface Facts {
  readonly file: TextFile | undefined;
  readonly document: Document | undefined;
  readonly keys: LoadedKeys | undefined;
  readonly resolution: Resolution | undefined;
}

/** @returns `undefined` where there was nothing to look at. */
export function summaryOf(name: CheckName, facts: Facts): string | undefined {
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
      return resolution && secretsOf(resolution);
    case "schema":
      return resolution && "complete";
    case "modes":
      return file && "as tight as they must be";
  }
}

function variablesOf({ variables }: Resolution): string {
  return variables.length === 0 ? "none asked for" : variables.join(", ");
}

function keyOf({ keys, source }: LoadedKeys): string {
  return `${keys.active.id} from ${source.from}`;
}

function secretsOf({ secrets }: Resolution): string | undefined {
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
