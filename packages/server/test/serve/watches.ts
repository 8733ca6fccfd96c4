/** What a server has asked the system to watch. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Serving } from "./serving.ts";

/** How many names the process watches, where the system tells. */
export function watches({ process: { pid } }: Pick<Serving, "process">): number {
  const directory = `/proc/${pid}/fdinfo`;
  if (!existsSync(directory)) return 0;
  const texts = readdirSync(directory).map((name) => readFileSync(join(directory, name), "utf8"));
  return texts.join("").match(/^inotify wd:/gm)?.length ?? 0;
}
