/** Lets one call of a command fail, and holds what the command says against what is on the disk. */
import type { ErrorCode } from "@proxmox-mcp/crypto";
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import { faultsOfAccount } from "./account.ts";
import type { Fault } from "./calls.ts";
import { type Running, recover, type Tried } from "./kill.ts";
import type { Place } from "./place.ts";
import type { Point } from "./points.ts";
import type { Ended } from "./program.ts";
import type { Standing } from "./promise.ts";
import { readTree } from "./state.ts";
import { runWithFault } from "./sweep.ts";

/** The errors that every call gets. */
export const ERRORS: readonly string[] = ["ENOSPC", "EIO", "EDQUOT", "EACCES", "EROFS", "EMFILE"];

/** What goes wrong where; `lasting` for a disk that stays as it is. */
export interface Failure extends Pick<Fault, "kind" | "lasting" | "among"> {
  readonly point: Point;
}

// With nothing changed: the key, the file or the directory cannot be used, or another run seems to.
const NOTHING_CHANGED: readonly number[] = [3, 5, 8, 10];

/** Tries one failure: look at what was said and what is there, then run the command again. */
export async function failAt(place: Place, running: Running, failure: Failure): Promise<Tried> {
  const { scenario, judge, saved } = running;
  const { point, kind, lasting = false, among } = failure;
  const label = `${kind}${lasting ? " from" : " at"} ${point.label}`;
  const traced = await runWithFault(place, scenario, saved, point, { kind, lasting, among });
  if (traced === undefined) return { label, wasHit: false, faults: [] };
  const failed = readTree(place.tree);
  const standing = await judge.atAnyTime(failed);
  const faults = [
    ...standing.faults,
    ...faultsOfWords(traced, standing, failure, place.tree),
    ...judge.leaks(traced.stdout + traced.stderr, failed).map((leak) => `it printed ${leak}`),
    ...(await recover(place, { ...running, seen: [failed] }, standing)),
  ];
  const said = traced.stderr.trim() || "nothing";
  return {
    label,
    wasHit: true,
    faults: faults.map((fault) => `${label}: ${fault} (exit ${traced.status}: ${said})`),
  };
}

function faultsOfWords(
  ended: Ended,
  standing: Standing,
  failure: Failure,
  tree: string,
): readonly string[] {
  const { status, signal, stderr, isHanging } = ended;
  if (isHanging) return ["it hangs"];
  if (status === null) return [`it ended by ${signal}`];
  const leftovers = standing.leftovers.filter((path) => !mayStay(path, failure));
  if (status === 0) {
    const faults = leftovers.map((path) => `a success leaves ${path}`);
    return standing.isNew ? faults : ["a success without its work", ...faults];
  }
  const faults: string[] = [];
  const line = stderr.replaceAll(`${tree}/`, "").trimEnd().split("\n").at(-1) ?? "";
  const code = /^error\[([A-Z_]+)\]: .+ Way out: .+\.$/.exec(line)?.[1];
  if (code === undefined || EXIT_STATUS[code as ErrorCode] !== status)
    faults.push("no clear error");
  faults.push(...faultsOfAccount(line, standing));
  // What cannot be read might need the key that is to go.
  const isRefused = status === EXIT_STATUS.RETIRE_REFUSED && code === "RETIRE_REFUSED";
  if (NOTHING_CHANGED.includes(status) || isRefused) {
    if (!standing.isOld) faults.push("it changed something");
    faults.push(...leftovers.map((path) => `it leaves ${path}`));
  } else if (status !== EXIT_STATUS.NOT_CLOSED) faults.push("no fit status");
  return faults;
}

// What could not be deleted is there; and a lock file that is left locks nothing.
function mayStay(path: string, { point, lasting = false }: Failure): boolean {
  return path.endsWith(".proxmox-mcp.lock") || lasting || point.call.name.startsWith("unlink");
}
