/** Which Proxmox VE answers. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { VERSION } from "./endpoints.ts";
import { maybe, parseData, text } from "./parse.ts";

export interface Version {
  /** As in `9.2.11`. */
  readonly version: string;
  /** As in `9.2`. */
  readonly release?: string | undefined;
  readonly repoid?: string | undefined;
}

const schema = z.object({ version: text, release: maybe(text), repoid: maybe(text) });

/** Any caller who is known may ask: it proves who, not what. */
export async function version(api: Api, { signal }: Abortable = {}): Promise<Version> {
  return parseData(VERSION, schema, await api.call(VERSION, { values: {}, signal }));
}
