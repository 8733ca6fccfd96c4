/** Text that others wrote, made fit to be shown in one line. */
import { printable } from "@proxmox-mcp/crypto/internal";

const LIMIT = 300;
const HTML = /^\s*<|<(?:!doctype|html|head|body|title|h1|script)\b/i;

/** One printable line of at most 300 characters; empty where the text is a web page. */
export function quotable(text: string, limit: number = LIMIT): string {
  if (HTML.test(text)) return "";
  const line = printable(text.toWellFormed().replace(/\s+/g, " ").trim());
  if (line.length <= limit) return line;
  return `${line
    .slice(0, limit - 1)
    .toWellFormed()
    .trimEnd()}…`;
}
