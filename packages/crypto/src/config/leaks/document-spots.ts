/** Secrets of a config that are not encrypted, by the rules that the other commands have. */
import type { Document, Value } from "../../document/document.ts";
import { hasPlaceholder, literalsOf } from "../../placeholder.ts";
import { holdsPveToken, isHarmless } from "../../secret-looking.ts";
import { selectSecrets, snakeCase } from "../../select.ts";
import { stateOf } from "../../token.ts";
import { secretRulesFor } from "../rules.ts";
import type { LeakKind, Spot } from "./leak.ts";
import { isNoSecret, isRegular } from "./regular.ts";

/** The secrets that a document shows. */
export function documentSpots(document: Document): readonly Spot[] {
  const { secrets, lookalikes, masterKeys } = selectSecrets(document, secretRulesFor(document));
  return [
    ...spots(secrets, secretKind),
    ...spots(lookalikes, lookalikeKind),
    ...spots(masterKeys, ({ text }) =>
      isExample(text) || isHarmless(text) || /\s/.test(text) ? undefined : "master-key",
    ),
  ];
}

function spots(
  values: readonly Value[],
  kindOf: (value: Value) => LeakKind | undefined,
): readonly Spot[] {
  return values.flatMap((value) => {
    const kind = kindOf(value);
    const { location: name, start, end, text } = value;
    if (kind === undefined) return [];
    return [{ kind: holdsPveToken(text) ? "pve-token" : kind, name, start, end }];
  });
}

function secretKind({ name, kind, text }: Value): LeakKind | undefined {
  // Schemas have lists and switches of such names; the text of what is in them is looked at by itself.
  if (kind !== "string") return kind === "number" ? "not-a-string" : undefined;
  switch (stateOf(text)) {
    case "plain":
      return isExample(text) || isLabel(name, text) ? undefined : "plain";
    case "plain-default":
      return isShown(text) ? "plain-default" : undefined;
    case "malformed":
      return isNoSecret(text.replace(/^\s*enc:/i, "")) ? undefined : "malformed";
    default:
      return undefined;
  }
}

function lookalikeKind({ text }: Value): LeakKind | undefined {
  if (!isShown(text)) return undefined;
  return hasPlaceholder(text) ? "plain-default" : "secret-looking";
}

/** Whether a text, or a default of its placeholders, is no example. */
function isShown(text: string): boolean {
  return !literalsOf(text).every(isExample);
}

function isExample(text: string): boolean {
  const [, secret = ""] = /=([\da-fA-F-]{36})\s*$/.exec(text) ?? [];
  return isNoSecret(text) || (secret !== "" && isRegular(secret));
}

// What a form says beside its fields, in the files of a translation.
function isLabel(name: string, text: string): boolean {
  return snakeCase(name).replaceAll("_", "") === text.toLowerCase().replace(/[\s:*_-]/g, "");
}
