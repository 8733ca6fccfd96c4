/** From bytes to text: strict UTF-8, with the place of the first byte that is wrong. */
import { isUtf8 } from "node:buffer";
import { decodeUtf8 } from "../encoding.ts";
import { ProxmoxMcpError } from "../errors.ts";

/**
 * Decodes a file's bytes. A byte order mark stays in the text.
 *
 * @throws ProxmoxMcpError FILE_NOT_TEXT for UTF-16, NUL bytes and anything else that is not UTF-8.
 */
export function decodeText(file: string, bytes: Buffer): string {
  const hint = "save the file as UTF-8 text";
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff") {
    throw new ProxmoxMcpError("FILE_NOT_TEXT", `${file} is UTF-16, not UTF-8`, {
      where: { file },
      hint,
    });
  }
  const nul = bytes.indexOf(0);
  if (nul !== -1) {
    throw new ProxmoxMcpError(
      "FILE_NOT_TEXT",
      `${file} looks binary: byte ${nul + 1} of ${bytes.length} is NUL`,
      { where: { file }, hint },
    );
  }
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  const offset = firstBadByte(bytes);
  const before = bytes.toString("utf8", 0, offset);
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  throw new ProxmoxMcpError("FILE_NOT_TEXT", `${file} is not UTF-8: byte ${offset + 1} is wrong`, {
    where: { file, line, column },
    hint,
  });
}

/** The offset of the first character that is not UTF-8. */
function firstBadByte(bytes: Buffer): number {
  let offset = 0;
  while (offset < bytes.length) {
    const end = offset + characterLength(bytes.readUInt8(offset));
    if (!isUtf8(bytes.subarray(offset, end))) break;
    offset = end;
  }
  return offset;
}

/** How many bytes a character has by its first byte; whether they are right is not asked. */
function characterLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
