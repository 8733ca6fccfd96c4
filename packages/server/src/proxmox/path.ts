/** The one way to put a value into a path. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { printable } from "@proxmox-mcp/crypto/internal";
import type { PathValues } from "./endpoint.ts";

// Proxmox decodes a path before it splits it, so an encoded slash would leave its segment there.
const FORBIDDEN = /[/\\\p{Cc}]/u;

/**
 * Fills the placeholders of a path. A value stays within its segment, whatever it holds.
 *
 * @throws ProxmoxMcpError PROXMOX_INVALID for a value that can be no segment.
 */
export function fillPath<Path extends string>(path: Path, values: PathValues<Path>): string {
  const known: Readonly<Record<string, string | number>> = values;
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(known, name) ? known[name] : undefined;
    if (value === undefined) throw new TypeError(`no value for {${name}} of ${path}`);
    return segment(name, String(value));
  });
}

function segment(name: string, value: string): string {
  const isWhole = value !== "" && value !== "." && value !== ".." && value.isWellFormed();
  if (isWhole && !FORBIDDEN.test(value)) return encodeURIComponent(value);
  const shown = printable(value.toWellFormed().slice(0, 80));
  throw new ProxmoxMcpError("PROXMOX_INVALID", `${name}: "${shown}" cannot stand in a path`, {
    hint: `give ${name} as Proxmox lists it`,
  });
}
