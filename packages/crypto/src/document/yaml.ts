/** YAML documents: what YAML 1.1 and YAML 1.2 readers understand alike. */
import type { Document } from "./document.ts";
import type { Source } from "./source.ts";
import { composeYaml } from "./yaml-compose.ts";
import { spellYaml } from "./yaml-spelling.ts";
import { readYamlValues } from "./yaml-values.ts";

/** Reads a YAML document. @throws ProxmoxMcpError SYNTAX, DUPLICATE_FIELD or AMBIGUOUS. */
export function openYaml(source: Source): Document {
  const { values, flowStarts } = readYamlValues(source, composeYaml(source));
  return {
    format: "yaml",
    text: source.text,
    values,
    place: source.place,
    spell(value, text) {
      source.requireSpellable(value, text);
      return spellYaml(
        source.text.slice(value.start, value.end),
        text,
        flowStarts.has(value.start),
      );
    },
  };
}
