/** A way out for failures whose finder knew none. */
import { type ErrorCode, ProxmoxMcpError } from "@proxmox-mcp/crypto";

const AGAIN = "run the command again";

const WAYS_OUT: Partial<Record<ErrorCode, string>> = {
  AMBIGUOUS: `write it in a way that every reader understands alike, then ${AGAIN}`,
  FILE_EMPTY: "put the file back from its backup, or name another one",
  FILE_NOT_FOUND: "check the path and the directory that this command was started in",
  FILE_NOT_REGULAR: "name a file",
  FILE_NOT_TEXT: "name a text file, or save this one as UTF-8",
  FILE_UNREADABLE: `make the file readable, then ${AGAIN}`,
  INTERRUPTED: AGAIN,
  LOCKED: `wait for the other run to end, then ${AGAIN}`,
  SYNTAX: `correct the file at this place, then ${AGAIN}`,
  WRITE_FAILED: `write to another place with -o, or repair this one and ${AGAIN}`,
};

/** The same failure, with the way out that fits its code where it has none. */
export function withWayOut(error: ProxmoxMcpError): ProxmoxMcpError {
  const { code, message, where, cause } = error;
  const hint = error.hint ?? WAYS_OUT[code];
  return hint === undefined ? error : new ProxmoxMcpError(code, message, { where, hint, cause });
}
