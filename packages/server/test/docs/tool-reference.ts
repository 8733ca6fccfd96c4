/** What docs/server.md says of each tool. */
import { CATALOGUE } from "../../src/analysis/catalogue.ts";
import { listEntry } from "../../src/mcp/list-entry.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { type Example, exampleOf } from "./examples.ts";
import { cell } from "./parts.ts";
import { distinct, needText } from "./privileges.ts";

/** One section for each tool. */
export async function toolReference(tools: readonly Tool[]): Promise<string> {
  const sections = tools.map(async (tool) => section(tool, await exampleOf(tool)));
  return (await Promise.all(sections)).join("\n");
}

function section(tool: Tool, { args, text }: Example): string {
  const call = Object.keys(args).length === 0 ? "without arguments" : `with \`${inline(args)}\``;
  return `### ${tool.name}

**${tool.title}.** ${tool.description}

${parameters(tool)}

${privileges(tool)}

An example, ${call}:

\`\`\`text
${start(text)}
\`\`\`
`;
}

function inline(args: Example["args"]): string {
  return JSON.stringify(args).replaceAll(",", ", ").replaceAll(/":/g, '": ');
}

function parameters(tool: Tool): string {
  const { properties = {}, required = [] } = listEntry(tool).inputSchema;
  const entries = Object.entries(properties) as [string, Parameter][];
  if (entries.length === 0) return "It takes no parameters.";
  const rows = entries.map(([name, schema]) => {
    const shown = required.includes(name) ? `**\`${name}\`**` : `\`${name}\``;
    return `| ${shown} | ${valueText(schema)} | ${cell(schema.description ?? "")} |`;
  });
  return `| parameter | value | what it is |
|---|---|---|
${rows.join("\n")}`;
}

interface Parameter {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

const KINDS: Readonly<Record<string, string>> = {
  boolean: "`true`, `false`",
  array: "list of texts",
};

function valueText(schema: Parameter): string {
  const { type, enum: words, minimum, maximum, maxLength, default: value } = schema;
  const kind =
    words?.map((word) => `\`${word}\``).join(", ") ??
    (type === "integer" ? `${minimum} to ${maximum}` : KINDS[type ?? ""]) ??
    "text";
  const length = maxLength === undefined ? "" : `, at most ${maxLength} characters`;
  const preset = Array.isArray(value) && value.length === 0 ? "none" : value;
  return `${kind}${length}${value === undefined ? "" : `; ${preset} if left out`}`;
}

function privileges({ name, calls }: Tool): string {
  const needs = distinct(calls.flatMap((endpoint) => endpoint.needs)).map(needText);
  if (needs.length === 0) return "Refused to nobody. What the token may not see is left out.";
  const verb = Object.hasOwn(CATALOGUE, name) ? "Looks at less without" : "Needs";
  return `${verb} ${sentence(needs)}.`;
}

function sentence(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

const SHOWN_LINES = 12;
const SHOWN_COLUMNS = 160;

// A reader wants to know what it looks like; an analysis goes on for pages.
function start(text: string): string {
  const lines = text.split("\n");
  const limit = lines.some((line) => line.length > SHOWN_COLUMNS) ? 5 : SHOWN_LINES;
  if (lines.length <= limit + 1) return text;
  return [...lines.slice(0, limit), `[${lines.length - limit} more lines]`].join("\n");
}
