/** How a run ends that could not do what it was asked for. */
import { formatError } from "@proxmox-mcp/crypto";
import { STDERR, STDOUT, writeStream } from "@proxmox-mcp/crypto/files";
import { asKnownError, EXIT_STATUS, errorJson, isOn, stackOf } from "@proxmox-mcp/crypto/internal";

/**
 * Speaks about a failure: one line on stderr, and with `--json` an object with `ok`, `exitStatus`
 * and `error` on stdout.
 *
 * @param argv may be faulty itself, so it is only searched.
 * @param debug PROXMOX_MCP_DEBUG, which asks for stack traces as `--debug` does.
 * @returns the exit status.
 */
export function reportFailure(
  error: unknown,
  argv: readonly string[],
  debug: string | undefined,
): number {
  const known = asKnownError(error);
  const exitStatus = EXIT_STATUS[known.code];
  const stack = argv.includes("--debug") || isOn(debug) ? `${stackOf(error)}\n` : "";
  const report = { ok: false, exitStatus, error: errorJson(known) };
  try {
    writeStream(STDERR, `${formatError(known)}\n${stack}`);
    if (argv.includes("--json")) writeStream(STDOUT, `${JSON.stringify(report, null, 2)}\n`);
  } catch {
    // Nobody listens any more. The exit status still tells.
  }
  return exitStatus;
}
