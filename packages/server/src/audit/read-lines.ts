/** Reading the lines of audit logs, as bytes, however long the file is. */
import { closeSync, openSync, readSync } from "node:fs";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";

const CHUNK = 64 * 1024;
/** Bytes of the longest line that is taken for one. Those that the server writes are much shorter. */
export const LONGEST_LINE: number = 1024 * 1024;
// One more, so that a line that is cut cannot be taken for one that is whole.
const KEPT = LONGEST_LINE + 1;
const LINE_END = 0x0a;

/** Bytes between two line ends. */
export interface FileLine {
  readonly file: string;
  /** Counts from 1. */
  readonly number: number;
  /** Of a line that is longer than LONGEST_LINE its beginning, which is longer, too. */
  readonly bytes: Uint8Array;
  /** Whether a line end follows. */
  readonly isEnded: boolean;
}

/** Cuts what is read of a file into lines. */
export interface LineCutter {
  /** Takes the next bytes. @returns the lines that they end. */
  take(bytes: Uint8Array): readonly FileLine[];
  /** What stands after the last line end, where anything does. */
  rest(): readonly FileLine[];
}

export function createLineCutter(file: string): LineCutter {
  let number = 0;
  let kept: Uint8Array[] = [];
  let length = 0;
  const keep = (bytes: Uint8Array): void => {
    const part = bytes.subarray(0, Math.max(0, KEPT - length));
    if (part.length > 0) kept.push(Uint8Array.from(part));
    length += part.length;
  };
  const line = (isEnded: boolean): FileLine => {
    number += 1;
    const bytes = Buffer.concat(kept);
    kept = [];
    length = 0;
    return { file, number, bytes, isEnded };
  };
  return {
    take(bytes) {
      const lines: FileLine[] = [];
      let start = 0;
      for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, start)) {
        keep(bytes.subarray(start, end));
        lines.push(line(true));
        start = end + 1;
      }
      keep(bytes.subarray(start));
      return lines;
    },
    rest: () => (length > 0 ? [line(false)] : []),
  };
}

/**
 * Reads a file, a line at a time. It may be a pipe.
 *
 * @throws ProxmoxMcpError FILE_NOT_FOUND, FILE_NOT_REGULAR, FILE_UNREADABLE
 */
export function* linesOf(file: string): Generator<FileLine> {
  const cutter = createLineCutter(file);
  const descriptor = reading(file, () => open(file));
  try {
    const chunk = Buffer.alloc(CHUNK);
    for (;;) {
      const read = reading(file, () => readSync(descriptor, chunk));
      if (read === 0) break;
      yield* cutter.take(chunk.subarray(0, read));
    }
    yield* cutter.rest();
  } finally {
    closeSync(descriptor);
  }
}

// A socket, which some programs give as standard input, cannot be opened by its name.
function open(file: string): number {
  try {
    return openSync(file, "r");
  } catch (error) {
    const isSocket = (error as NodeJS.ErrnoException).code === "ENXIO" && file === "/dev/stdin";
    if (isSocket) return 0;
    throw error;
  }
}

/** Does what reads a file, and says in our words why it cannot. @throws ProxmoxMcpError */
export function reading<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code = "failed" } = error as NodeJS.ErrnoException;
    const detail = { where: { file }, cause: error };
    if (code === "ENOENT") {
      throw new ProxmoxMcpError("FILE_NOT_FOUND", `there is no audit log ${file}`, detail);
    }
    if (code === "EISDIR") {
      throw new ProxmoxMcpError("FILE_NOT_REGULAR", `${file} is a directory`, detail);
    }
    throw new ProxmoxMcpError("FILE_UNREADABLE", `cannot read ${file}: ${code}`, detail);
  }
}
