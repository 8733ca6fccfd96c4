/** What `test-connection` found. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import type { ReportedWarning } from "../check.ts";
import { onlineChecks } from "./checks.ts";
import type { Answered, Examination } from "./examine.ts";
import type { Inventory } from "./inventory.ts";
import type { Peer } from "./peer.ts";
import type { Rights } from "./rights.ts";

/** What is not known is `undefined`: not asked, or not reached. */
export interface ConnectionReport {
  /** 0 where nothing went wrong. */
  readonly exitStatus: number;
  /** Absent where the config could not be loaded. */
  readonly target: Target | undefined;
  readonly peer: Peer | undefined;
  readonly version: Answered | undefined;
  readonly inventory: Inventory | undefined;
  readonly rights: Rights | undefined;
  readonly problems: readonly ProxmoxMcpError[];
  /** The one of them that names missing privileges. */
  readonly lack: ProxmoxMcpError | undefined;
  readonly warnings: readonly ReportedWarning[];
}

interface Target extends Pick<Examination, "asked" | "identity" | "tlsMode"> {
  readonly host: string;
  readonly port: number;
  /** With realm, as in `root@pam`. */
  readonly user: string;
  /** The part after the `!`; `undefined` for a login by password. */
  readonly tokenName: string | undefined;
}

/** Of a config that could not be loaded. */
export function reportUnusable(
  problems: readonly ProxmoxMcpError[],
  exitStatus: number,
): ConnectionReport {
  return {
    exitStatus,
    target: undefined,
    peer: undefined,
    version: undefined,
    inventory: undefined,
    rights: undefined,
    problems,
    lack: undefined,
    warnings: [],
  };
}

export function reportConnection(
  { proxmox, auth }: ServerConfig,
  found: Examination,
  tlsWarning: string | undefined,
): ConnectionReport {
  const { asked, identity, tlsMode, peer } = found;
  const { host, port } = proxmox;
  const { user, token_name: tokenName } = auth;
  const checks = onlineChecks(found, tlsWarning);
  const problems = [
    ...checks.flatMap((check) => check.problems),
    ...(found.inventory instanceof ProxmoxMcpError ? [found.inventory] : []),
  ];
  const [first] = problems;
  return {
    exitStatus: first === undefined ? 0 : EXIT_STATUS[first.code],
    target: { asked, identity, host, port, user, tokenName, tlsMode },
    peer,
    version: unlessFailed(found.version),
    inventory: unlessFailed(found.inventory),
    rights: unlessFailed(found.rights),
    problems,
    lack: checks.find(({ name }) => name === "permissions")?.problems[0],
    warnings: checks.flatMap(({ warnings }) => warnings),
  };
}

function unlessFailed<Value>(part: Value | ProxmoxMcpError | undefined): Value | undefined {
  return part instanceof ProxmoxMcpError ? undefined : part;
}
