/** UPIDs: the names of tasks. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { quotable } from "./upstream-text.ts";

/** The name of a task, taken apart. */
export interface Upid {
  readonly upid: string;
  readonly node: string;
  /** Seconds since 1970. */
  readonly starttime: number;
  readonly type: string;
  /** What it works on, as a guest's number; may be empty. */
  readonly id: string;
  readonly user: string;
}

const UPID =
  /^UPID:([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?):[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:([0-9A-Fa-f]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/;

/** @throws ProxmoxMcpError PROXMOX_INVALID for a text that names no task. */
export function parseUpid(upid: string): Upid {
  const [, node = "", start = "", type = "", id = "", user = ""] = UPID.exec(upid) ?? [];
  if (node === "") {
    throw new ProxmoxMcpError("PROXMOX_INVALID", `"${quotable(upid, 120)}" names no task`, {
      hint: "give the whole UPID, from UPID: to the colon at its end",
    });
  }
  return { upid, node, starttime: Number.parseInt(start, 16), type, id, user };
}
