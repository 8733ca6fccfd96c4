/** Storages and what lies on them. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { STORAGE_CONTENT } from "./endpoints.ts";
import { flag, integer, type Listed, maybe, number, parseList, text } from "./parse.ts";

export interface Volume {
  /** As in `local:iso/debian-13.iso`. */
  readonly volid: string;
  /** `images`, `rootdir`, `backup`, `iso`, `vztmpl`, `snippets`, `import`. */
  readonly content: string;
  readonly format?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
  /** Seconds since 1970. */
  readonly ctime?: number | undefined;
  /** The guest that owns it. */
  readonly vmid?: number | undefined;
  /** Of a backup: whether pruning spares it. */
  readonly protected?: boolean | undefined;
}

const volume = z.object({
  volid: text,
  content: text.catch("unknown"),
  format: maybe(text),
  size: maybe(number),
  ctime: maybe(number),
  vmid: maybe(integer),
  protected: maybe(flag),
});

/** @param of.content only this kind; @param of.vmid only what belongs to this guest. */
export async function storageContent(
  api: Api,
  of: Abortable & {
    readonly node: string;
    readonly storage: string;
    readonly content?: string | undefined;
    readonly vmid?: number | undefined;
  },
): Promise<Listed<Volume>> {
  const { node, storage, content, vmid, signal } = of;
  const parameters = { content, vmid };
  const data = await api.call(STORAGE_CONTENT, { values: { node, storage }, parameters, signal });
  return parseList(STORAGE_CONTENT, volume, data);
}
