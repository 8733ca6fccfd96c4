/** A result as the text for people may show it. */
import { printable } from "@proxmox-mcp/crypto/internal";

/**
 * The same result with every text in it printable, keys too: names and notes come from others, and
 * none of them may break a line of the text that is made of it, or hide another.
 *
 * @param blocks fields whose line ends and tabs stay.
 */
export function printableResult<Result extends object>(
  result: Result,
  blocks: readonly string[] = [],
): Result {
  const entries = Object.entries(result).map(([name, value]) => [
    name,
    blocks.includes(name) && typeof value === "string" ? printableBlock(value) : shown(value),
  ]);
  return Object.fromEntries(entries) as Result;
}

function shown(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [printable(key), shown(part)]),
  );
}

// Windows ends lines with a carriage return, too.
function printableBlock(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/[^\n\t]+/g, printable);
}
