/** What a server holds, told by a probe inside it. */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Serving } from "../serve/serving.ts";

/** What the server holds, after garbage was collected. */
export interface Held {
  /** Bytes. */
  readonly heap: number;
  readonly external: number;
  /** How many handles of each kind there are. */
  readonly resources: Readonly<Record<string, number>>;
  readonly descriptors: number;
}

const probe = fileURLToPath(new URL("probe.cjs", import.meta.url));

/** The environment of a server that can be asked. */
export const PROBED: { readonly NODE_OPTIONS: string } = {
  NODE_OPTIONS: `--expose-gc --require="${probe}"`,
};

/** Asks a server that was started with the probe. */
export async function heldBy(serving: Serving): Promise<Held> {
  serving.process.kill("SIGUSR2");
  const line = (await serving.logged('"msg":"probed"')) as unknown as Held;
  return { ...line, descriptors: descriptorsOf(serving.process.pid ?? 0) };
}

/** Open files and sockets, where the system tells. */
function descriptorsOf(pid: number): number {
  return existsSync(`/proc/${pid}/fd`) ? readdirSync(`/proc/${pid}/fd`).length : 0;
}
