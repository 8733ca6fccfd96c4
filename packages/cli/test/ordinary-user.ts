/** Being somebody whom file modes stop: root ignores them. */
import { spawnSync } from "node:child_process";

const SETPRIV = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] as const;

/** A prefix for commands; empty for who is not root anyway, `undefined` where there is none. */
export const asOrdinaryUser: readonly string[] | undefined = findPrefix();

function findPrefix(): readonly string[] | undefined {
  if (process.platform === "win32") return undefined;
  if (process.getuid?.() !== 0) return [];
  const [program, ...rest] = SETPRIV;
  return spawnSync(program, [...rest, "true"]).status === 0 ? SETPRIV : undefined;
}
