/** What backup jobs leave out. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { NOT_BACKED_UP } from "./endpoints.ts";
import { integer, type Listed, parseList } from "./parse.ts";

export interface NotBackedUp {
  readonly vmid: number;
}

const entry = z.object({ vmid: integer });

/** Guests that no backup job covers. */
export async function notBackedUp(
  api: Api,
  { signal }: Abortable = {},
): Promise<Listed<NotBackedUp>> {
  return parseList(NOT_BACKED_UP, entry, await api.call(NOT_BACKED_UP, { values: {}, signal }));
}
