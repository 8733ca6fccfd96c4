/** How a run ends that could not do what it was asked for. */
import { EXIT_STATUS, formatError, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { STDERR, STDOUT, writeStream } from "@proxmox-mcp/crypto/files";

/**
 * Speaks about a failure: one line on stderr, and with `--json` an object with `ok`, `exitStatus`
 * and `error` on stdout.
 *
 * @param argv may be faulty itself, so it is only searched.
 * @returns the exit status.
 */
export function reportFailure(error: unknown, argv: readonly string[]): number {
  const known = error instanceof ProxmoxMcpError ? error : unexpected();
  const { code, message, where, hint } = known;
  const exitStatus = EXIT_STATUS[code];
  const stack = argv.includes("--debug") && error instanceof Error ? `${error.stack}\n` : "";
  const report = { ok: false, exitStatus, error: { code, message, ...where, hint: hint ?? null } };
  try {
    writeStream(STDERR, `${formatError(known)}\n${stack}`);
    if (argv.includes("--json")) writeStream(STDOUT, `${JSON.stringify(report, null, 2)}\n`);
  } catch {
    // Nobody listens any more. The exit status still tells.
  }
  return exitStatus;
}

function unexpected(): ProxmoxMcpError {
  return new ProxmoxMcpError("UNEXPECTED", "something went wrong that never should", {
    hint: "run it again with --debug, and report what it prints",
  });
}
