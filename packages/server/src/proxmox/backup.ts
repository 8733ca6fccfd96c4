/** What backup jobs leave out. */
import { z } from "zod";
import type { Api } from "./api.ts";
import { NOT_BACKED_UP } from "./endpoints.ts";
import { type Listed, maybe, number, parseList, text } from "./parse.ts";

export interface NotBackedUp {
  readonly vmid: number;
  readonly type: "qemu" | "lxc";
  readonly name?: string | undefined;
}

const entry = z.object({ vmid: number, type: z.enum(["qemu", "lxc"]), name: maybe(text) });

/** Guests that no backup job covers. */
export async function notBackedUp(
  api: Api,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Listed<NotBackedUp>> {
  return parseList(NOT_BACKED_UP, entry, await api.call(NOT_BACKED_UP, { values: {}, signal }));
}
