/** Reading the document that a command works on, from a file or from stdin. */
import {
  type Document,
  type DocumentFormat,
  formatOf,
  openDocument,
  ProxmoxMcpError,
} from "@proxmox-mcp/crypto";
import { decodeText, readTextFile, type TextFile } from "@proxmox-mcp/crypto/files";
import { collectOften } from "./collect-often.ts";
import type { Io } from "./io.ts";
import { isKeyFileText } from "./key-file-text.ts";

/** From this length on, in UTF-16 code units, memory counts for more than a second of time. */
const LARGE = 1_000_000;

/** A text and where it came from. */
export interface InputText {
  /** As the user named it; `-` for stdin. */
  readonly name: string;
  readonly text: string;
  /** `undefined` for stdin. */
  readonly file: TextFile | undefined;
}

/** A document and where it came from. */
export interface Input extends Pick<InputText, "name" | "file"> {
  readonly document: Document;
}

/** @throws ProxmoxMcpError as `readTextFile`. */
export async function readInput(io: Io, name: string): Promise<InputText> {
  const file = name === "-" ? undefined : readTextFile(name);
  const text = file?.text ?? (await readStdin(io));
  if (text.length > LARGE) await collectOften();
  return { name, text, file };
}

/** @throws ProxmoxMcpError FILE_NOT_CONFIG for a key file; as `openDocument`. */
export async function parseInput(
  io: Io,
  { name, text, file }: InputText,
  format?: DocumentFormat,
): Promise<Input> {
  refuseKeyFileText(text, streamName(name, "stdin"));
  const document = await openDocument(text, {
    format: format ?? formatOf(file === undefined ? undefined : name, text),
    file: streamName(name, "stdin"),
  });
  io.debug("document read", {
    file: name,
    format: document.format,
    values: document.values.length,
  });
  return { name, document, file };
}

/** Reads and parses in one step, where nothing is to be done in between. */
export async function readDocument(io: Io, name: string): Promise<Input> {
  return parseInput(io, await readInput(io, name));
}

async function readStdin(io: Io): Promise<string> {
  const bytes = await io.stdin.read();
  if (bytes.length === 0) {
    throw new ProxmoxMcpError("FILE_EMPTY", "stdin is empty", {
      where: { file: "stdin" },
      hint: "pipe a config in, or name a file",
    });
  }
  return decodeText("stdin", bytes);
}

// As a .env file a key would be the name of a variable, and names are shown.
function refuseKeyFileText(text: string, file: string): void {
  if (!isKeyFileText(text)) return;
  throw new ProxmoxMcpError("FILE_NOT_CONFIG", `${file} is a key file, not a config`, {
    where: { file },
  });
}

/** Names the file in errors that only know the field. Errors about keys have places of their own. */
export function inFile(error: unknown, name: string): unknown {
  const isPlaced = error instanceof ProxmoxMcpError && !error.code.startsWith("KEY_");
  return isPlaced ? error.at({ file: streamName(name, "stdin") }) : error;
}

/** What a file is called in messages: `-` is a stream. */
export function streamName(name: string, stream: "stdin" | "stdout"): string {
  return name === "-" ? stream : name;
}
