/** Files that cannot be rotated: they stop the run, unless they are to be left out. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { troubledFiles } from "../short-list.ts";
import type { FailedFile } from "./survey.ts";

/**
 * @throws ProxmoxMcpError with the code of the first problem, naming the files and their fields.
 */
export function refuseUnreadable(failed: readonly FailedFile[], total: number): void {
  const first = failed[0]?.problems[0];
  if (first === undefined) return;
  const isOne = failed.length === 1 && failed[0]?.problems.length === 1;
  const message = isOne ? explained(first) : `${summary(failed, total)}: ${troubledFiles(failed)}`;
  const isSaid = /; nothing was \w+$/.test(message);
  throw new ProxmoxMcpError(first.code, isSaid ? message : `${message}; nothing was changed`, {
    where: isOne ? first.where : {},
    hint: `${first.hint ?? "see what is wrong there"}; or leave such files out with --skip-unreadable${isOne ? "" : "; --json tells why for each"}`,
    cause: first,
    problems: failed.flatMap(({ problems }) => problems),
  });
}

// Whoever came from the Python tool searches for these words.
function explained({ code, message }: ProxmoxMcpError): string {
  return code === "NO_KEY_OPENS"
    ? `Current master key cannot decrypt configuration: ${message}`
    : message;
}

function summary(failed: readonly FailedFile[], total: number): string {
  const isKey = failed[0]?.problems[0]?.code === "NO_KEY_OPENS";
  const files = `${failed.length} of ${total} files`;
  return isKey
    ? `Current master key cannot decrypt configuration, ${files} cannot be rotated`
    : `${files} cannot be rotated`;
}
