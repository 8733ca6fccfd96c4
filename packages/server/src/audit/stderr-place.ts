/** Standard error as the place of the audit log. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { AuditPlace } from "./place.ts";

/** @param offer writes a line, or says that nobody reads it. */
export function stderrPlace(offer: (line: string) => boolean): AuditPlace {
  return {
    after: null,
    append(line) {
      if (offer(line)) return;
      throw new ProxmoxMcpError("WRITE_FAILED", "standard error is not read, or cannot be written");
    },
    flush: () => {},
    isGone: () => false,
    close: () => {},
  };
}
