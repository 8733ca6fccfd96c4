/** What the tools of a server need of Proxmox. */
import type { Need } from "../../proxmox/endpoint.ts";
import type { Tool } from "../../tools/tool.ts";

/** A privilege, and which tools need it. */
export interface ToolNeed extends Need {
  /** Names, in the order of the tools. */
  readonly tools: readonly string[];
  /** Whether none of them does more than read. */
  readonly onlyReads: boolean;
}

/** Every need of these tools once, sorted by path and name. */
export function needsOf(
  tools: readonly Pick<Tool, "name" | "calls" | "effect">[],
): readonly ToolNeed[] {
  const found = new Map<string, { need: Need; tools: Set<string>; onlyReads: boolean }>();
  for (const { name, calls, effect } of tools) {
    for (const need of calls.flatMap((endpoint) => endpoint.needs)) {
      // What a placeholder is called differs from one endpoint to the other.
      const key = [need.on.replace(/\{\w+\}/g, "{}"), ...need.anyOf].join(" ");
      const known = found.get(key) ?? { need, tools: new Set(), onlyReads: true };
      found.set(key, known);
      known.tools.add(name);
      known.onlyReads &&= effect === "read";
    }
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { need, tools: names, onlyReads }]) => ({ ...need, tools: [...names], onlyReads }));
}
