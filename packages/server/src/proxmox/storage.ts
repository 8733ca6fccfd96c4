/** Storages and what lies on them. */
import { z } from "zod";
import type { Api } from "./api.ts";
import { STORAGE_CONTENT } from "./endpoints.ts";
import { flag, type Listed, maybe, number, parseList, text } from "./parse.ts";

export interface Volume {
  /** As in `local:iso/debian-13.iso`. */
  readonly volid: string;
  /** `images`, `rootdir`, `backup`, `iso`, `vztmpl`, `snippets`, `import`. */
  readonly content: string;
  readonly format?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
  /** Bytes. */
  readonly used?: number | undefined;
  /** Seconds since 1970. */
  readonly ctime?: number | undefined;
  /** The guest that owns it. */
  readonly vmid?: number | undefined;
  readonly notes?: string | undefined;
  /** Of a backup: whether pruning spares it. */
  readonly protected?: boolean | undefined;
}

const volume = z.object({
  volid: text,
  content: maybe(text).transform((content) => content ?? "unknown"),
  format: maybe(text),
  size: maybe(number),
  used: maybe(number),
  ctime: maybe(number),
  vmid: maybe(number),
  notes: maybe(text),
  protected: maybe(flag),
});

/** @param of.content only this kind; @param of.vmid only what belongs to this guest. */
export async function storageContent(
  api: Api,
  of: {
    readonly node: string;
    readonly storage: string;
    readonly content?: string | undefined;
    readonly vmid?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Listed<Volume>> {
  const { node, storage, content, vmid, signal } = of;
  const parameters = { content, vmid };
  const data = await api.call(STORAGE_CONTENT, { values: { node, storage }, parameters, signal });
  return parseList(STORAGE_CONTENT, volume, data);
}
