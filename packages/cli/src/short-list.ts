/** Lists for the one line of an error or a warning; JSON has all of them. */
import type { ProxmoxMcpError } from "@proxmox-mcp/crypto";

/** The first few of many, and how many more there are. */
export function shortList(all: readonly string[], most = 5, separator = "; "): string {
  const more = all.length > most ? [`and ${all.length - most} more`] : [];
  return [...all.slice(0, most), ...more].join(separator);
}

/** Files with the fields that are in trouble, or else with the code of what is wrong. */
export function troubledFiles(
  files: readonly { readonly path: string; readonly problems: readonly ProxmoxMcpError[] }[],
): string {
  const named = files.map(({ path, problems }) => {
    const fields = problems.flatMap(({ where }) => where.location ?? []).join(", ");
    return `${path} (${fields === "" ? problems[0]?.code : fields})`;
  });
  return shortList(named);
}
