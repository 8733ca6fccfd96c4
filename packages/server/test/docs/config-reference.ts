/** The keys of the config as a table, made of its schema. */
import { isSecretField } from "../../../crypto/src/config/rules.ts";
import { CONFIG_SCHEMA, type SchemaNode } from "../../../crypto/src/config/schema.ts";
import { cell } from "./parts.ts";

/** The table, of one section or of all. A key that must be there is in bold type. */
export function configReference(section?: string): string {
  const rows =
    section === undefined
      ? rowsBelow("", CONFIG_SCHEMA)
      : rowsBelow(section, CONFIG_SCHEMA.properties?.[section] ?? {});
  return `| key | value | default | what it is |
|---|---|---|---|
${rows.join("\n")}`;
}

function rowsBelow(path: string, node: SchemaNode): readonly string[] {
  const { properties = {}, required = [], additionalProperties } = node;
  const known = Object.entries(properties).flatMap(([key, child]) =>
    rowsOf(path === "" ? key : `${path}.${key}`, child, required.includes(key)),
  );
  if (typeof additionalProperties !== "object") return known;
  return [...known, ...rowsOf(`${path}.NAME`, additionalProperties, false)];
}

function rowsOf(path: string, node: SchemaNode, isRequired: boolean): readonly string[] {
  const name = isRequired ? `**\`${path}\`**` : `\`${path}\``;
  const { description = "" } = node;
  const row = `| ${name} | ${valueText(path, node)} | ${defaultText(node)} | ${cell(description)} |`;
  return [row, ...rowsBelow(path, node)];
}

const TYPES: Readonly<Record<string, string>> = {
  object: "map",
  string: "text",
  boolean: "`true`, `false`",
  null: "`null`",
};

function valueText(path: string, node: SchemaNode): string {
  const { type = [], title, enum: words, minimum, maximum, items } = node;
  if (isSecretField(`/${path.replaceAll(".", "/")}`)) return "secret";
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(", ");
  if (type === "integer") return `${minimum} to ${maximum}`;
  if (items !== undefined) return `list; each is ${items.title}`;
  return (
    title ??
    [type]
      .flat()
      .map((one) => TYPES[one] ?? one)
      .join(" or ")
  );
}

function defaultText({ default: value }: SchemaNode): string {
  return value === undefined || (typeof value === "object" && value !== null) ? "" : `\`${value}\``;
}
