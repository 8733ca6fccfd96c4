/** Asking before something is changed that a person should have looked at. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Io } from "./io.ts";
import { type Line, renderLines } from "./render/line.ts";
import { createStyle, wantsColours } from "./render/style.ts";

/**
 * Shows what is going to happen and asks, where somebody sits at a terminal. Elsewhere, and after
 * `--yes`, it was decided by whoever wrote the command.
 *
 * @throws ProxmoxMcpError INTERRUPTED where the answer is no.
 */
export async function confirmed(
  io: Io,
  { yes }: { readonly yes: boolean },
  plan: readonly Line[],
  question: string,
): Promise<void> {
  if (yes || !io.stdin.isTerminal || !io.stderr.isTerminal) return;
  const style = createStyle(wantsColours(true, io.env));
  io.stderr.write(renderLines(plan, style));
  const { confirm } = await import("./prompt.ts");
  if (await confirm(io, question)) return;
  throw new ProxmoxMcpError("INTERRUPTED", "declined; nothing was changed");
}
