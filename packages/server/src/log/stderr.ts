/** Standard error as the place of a log: nothing that is served ever waits for its reader. */
import { fstatSync } from "node:fs";
import { STDERR, writeStream } from "@proxmox-mcp/crypto/files";

/** Characters that wait for a reader who is behind. */
const MAX_WAITING = 1024 * 1024;

/** What standard error does with lines. */
export interface StderrOptions {
  /** Called once the reader is back, with the number of lines that were dropped meanwhile. */
  readonly onDropped: (lines: number) => void;
}

/** Standard error, for lines. */
export interface Stderr {
  /** Writes a line, or drops it. */
  write(line: string): void;
  /** Writes a line that its sender keeps otherwise. @returns whether it was taken. */
  offer(line: string): boolean;
}

/**
 * Opens standard error for lines. A client need not read it, so at a pipe lines wait for their reader,
 * up to a bound, and further ones are dropped. A line that cannot be written ends nothing.
 */
export function openStderr({ onDropped }: StderrOptions): Stderr {
  return isPipe() ? pipeWriter(onDropped) : { write: writeNow, offer: writeNow };
}

function isPipe(): boolean {
  const stat = fstatSync(STDERR);
  return stat.isFIFO() || stat.isSocket();
}

/** A file or a terminal takes a line at once. */
function writeNow(line: string): boolean {
  try {
    writeStream(STDERR, line);
    return true;
  } catch {
    // A full disk. The next line may find room.
    return false;
  }
}

function pipeWriter(onDropped: (lines: number) => void): Stderr {
  const stream = process.stderr;
  let dropped = 0;
  // Nobody listens any more.
  stream.on("error", () => {});
  stream.on("drain", () => {
    const lines = dropped;
    dropped = 0;
    if (lines > 0) onDropped(lines);
  });
  const offer = (line: string): boolean => {
    // Once a line is dropped, so is all that follows, until its place in the log can be told.
    if (dropped > 0 || stream.writableLength > MAX_WAITING || !stream.writable) return false;
    stream.write(line);
    return true;
  };
  return {
    offer,
    write(line) {
      if (!offer(line)) dropped += 1;
    },
  };
}
