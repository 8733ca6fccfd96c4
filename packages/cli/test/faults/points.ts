/** The points of a run at which something can go wrong: its calls on the files of a tree. */

import type { Call } from "./calls.ts";
import { STORE } from "./scenario.ts";

/** One call of a run, by a name that is the same in the next run. */
export interface Point {
  /** What is called on which files, such as `rename one/.config.json.pm-ID.new one/config.json #1`. */
  readonly label: string;
  readonly call: Call;
}

/** The calls that concern a tree, in their order. Those of a store are the store's own business. */
export function pointsOf(calls: readonly Call[], tree: string): readonly Point[] {
  const seen = new Map<string, number>();
  return calls.flatMap((call) => {
    const isOurs = (path: string) => path === tree || path.startsWith(`${tree}/`);
    const isStore = (path: string) => `${path}/`.startsWith(`${tree}/${STORE}/`);
    const paths = call.paths.filter((path) => isOurs(path) && !isStore(path));
    if (paths.length === 0) return [];
    const names = paths.map((path) => stable(path.slice(tree.length + 1) || "."));
    const what = [call.name, ...names].join(" ");
    const count = (seen.get(what) ?? 0) + 1;
    seen.set(what, count);
    // Each lock is taken by a process of its own, whose first call it is: a fault meets the first one.
    if (call.name === "flock" && seen.has("flock")) return [];
    seen.set(call.name, count);
    return [{ label: `${what} #${count}`, call }];
  });
}

/** The name of a point, which is the same in the next run. */
export function labelOf({ label }: Point): string {
  return label;
}

/** A path without what each run makes up: ids, times and names of keys. */
export function stable(path: string): string {
  return path
    .replace(/pm-[0-9a-f]{16}/g, "pm-ID")
    .replace(/backup\.\d{8}_\d{6}/g, "backup.STAMP")
    .replace(/pending-[0-9a-f]{8}/g, "pending-KEY");
}
