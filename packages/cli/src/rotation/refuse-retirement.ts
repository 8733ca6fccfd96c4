/** Saying in one error why no key is retired. */
import { type MasterKey, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { shortList } from "../short-list.ts";
import { keyNames, type Obstacle } from "./retirement.ts";

/** @throws ProxmoxMcpError RETIRE_REFUSED, naming the obstacles, where there are any. */
export function refuseObstacles(obstacles: readonly Obstacle[], old: readonly MasterKey[]): void {
  const [first] = obstacles;
  if (first === undefined) return;
  const isOne = obstacles.length === 1;
  const message = isOne
    ? first.error.message
    : `${obstacles.length} things stand in the way of retiring ${keyNames(old)}: ${shortList(obstacles.map(nameOf))}`;
  throw new ProxmoxMcpError("RETIRE_REFUSED", `${message}; nothing was changed`, {
    where: isOne ? first.error.where : {},
    hint: waysOut(obstacles),
    cause: first.error,
    problems: obstacles.map(({ error }) => error),
  });
}

/** One way out for each kind of obstacle. */
export function waysOut(obstacles: readonly Obstacle[]): string {
  const firsts = new Map<string, string>();
  for (const { kind, error } of obstacles) {
    if (!firsts.has(kind) && error.hint !== undefined) firsts.set(kind, error.hint);
  }
  return [...firsts.values()].join("; ");
}

function nameOf({ kind, error: { where, message, code } }: Obstacle): string {
  if (where.file === undefined) return message;
  if (kind === "unreadable") return `${where.file} (${code})`;
  return where.line === undefined ? where.file : `${where.file}:${where.line}`;
}
