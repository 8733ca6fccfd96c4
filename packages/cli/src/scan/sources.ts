/** Where `scan` gets its texts: files, or what git is about to commit. */
import { relative, resolve, sep } from "node:path";
import {
  type AnyText,
  anyText,
  pathExists,
  readAnyText,
  readObjects,
  stagedFiles,
  tooLarge,
} from "@proxmox-mcp/crypto/files";
import { type Io, refuseInterrupted } from "../io.ts";
import { ALLOW_LIST, type AllowList, parseAllowList } from "./allow-list.ts";

/** Larger files are passed by: nobody wrote them by hand. */
export const MAX_BYTES: number = 4 * 1024 * 1024;

/** One file to be looked at. */
export interface Source {
  /** As the user named it, or from the top of the repository. */
  readonly file: string;
  /** As the allow list names it. */
  readonly path: string;
  readonly content: AnyText;
}

/** What there is to be looked at, one file at a time. */
export interface Sources {
  readonly allowList: AllowList;
  readonly files: AsyncIterable<Source>;
}

/** The files that were named. @throws ProxmoxMcpError as `readAnyText`, while they are read. */
export async function namedSources(io: Io, names: readonly string[]): Promise<Sources> {
  return {
    allowList: await parseAllowList(
      pathExists(ALLOW_LIST) ? textOf(readAnyText(ALLOW_LIST, MAX_BYTES)) : "",
    ),
    files: (async function* () {
      for (const name of new Set(names)) {
        refuseInterrupted(io);
        const path = relative(process.cwd(), resolve(name)).split(sep).join("/");
        yield { file: name, path, content: readAnyText(name, MAX_BYTES) };
      }
    })(),
  };
}

/** What is staged, by the allow list that is staged. @throws ProxmoxMcpError as `stagedFiles`. */
export async function stagedSources(io: Io): Promise<Sources> {
  const staged = await stagedFiles(io);
  const names = [`:${ALLOW_LIST}`, ...staged.map(({ object }) => object)];
  const objects = readObjects(names, MAX_BYTES, io);
  const { value: list } = await objects.next();
  return {
    allowList: await parseAllowList(textOf(contentOf(list ?? undefined))),
    files: (async function* () {
      for (const { path } of staged) {
        const { value } = await objects.next();
        yield { file: path, path, content: contentOf(value ?? undefined) };
      }
      // The last look tells whether all of them came.
      await objects.next();
    })(),
  };
}

function contentOf(object: Buffer | "too large" | undefined): AnyText {
  if (object === undefined) return { reason: "git has no content of it" };
  return object === "too large" ? tooLarge(MAX_BYTES) : anyText(object);
}

function textOf(content: AnyText): string {
  return "text" in content ? content.text : "";
}
