/** Whether the audit log can be written, and telling of it once for each change. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { asKnownError } from "@proxmox-mcp/crypto/internal";
import type { Log } from "../log/log.ts";

/** Hears how recording goes. */
export interface AuditListener {
  /**
   * A record could not be written.
   *
   * @param tryAgain tries it once more. Every record does so by itself, but a server that is sent no calls
   * any more has none.
   */
  auditFailed(tryAgain: () => void): void;
  /** A record was written. */
  auditWorks(): void;
}

/** Keeps in mind how it went last. */
export interface StateKeeper {
  failed(error: unknown, file: string | null): void;
  works(): void;
}

interface Failing {
  readonly since: Date;
  /** The name of a system error, as in `ENOSPC`, or one of our codes. */
  readonly code: string;
}

export function createStateKeeper(
  log: Log,
  now: () => Date,
  listener: AuditListener | undefined,
  tryAgain: () => void,
): StateKeeper {
  let failing: Failing | undefined;
  return {
    failed(error, file) {
      const code = codeOf(error);
      const isNews = code !== failing?.code;
      failing = { since: failing?.since ?? now(), code };
      listener?.auditFailed(tryAgain);
      if (isNews)
        log("error", "the audit log cannot be written", { code, file, hint: hintOf(error) });
    },
    works() {
      const before = failing;
      failing = undefined;
      listener?.auditWorks();
      if (before === undefined) return;
      log("warn", "the audit log is written again", { failed_since: before.since });
    },
  };
}

function codeOf(error: unknown): string {
  const known = asKnownError(error);
  const system = (error as NodeJS.ErrnoException).code;
  return known.code === "UNEXPECTED" && typeof system === "string" ? system : known.code;
}

function hintOf(error: unknown): string {
  if (error instanceof ProxmoxMcpError && error.hint !== undefined) return error.hint;
  return "repair the place that audit.file names; it is tried again at every record";
}
