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

/**
 * Opens standard error for lines. A client need not read it, so at a pipe lines wait for their reader,
 * up to a bound, and further ones are dropped. A line that cannot be written ends nothing.
 */
export function openStderr({ onDropped }: StderrOptions): (line: string) => void {
  return isPipe() ? pipeWriter(onDropped) : writeNow;
}

function isPipe(): boolean {
  const stat = fstatSync(STDERR);
  return stat.isFIFO() || stat.isSocket();
}

/** A file or a terminal takes a line at once. */
function writeNow(line: string): void {
  try {
    writeStream(STDERR, line);
  } catch {
    // A full disk. The next line may find room.
  }
}

function pipeWriter(onDropped: (lines: number) => void): (line: string) => void {
  const stream = process.stderr;
  let dropped = 0;
  // Nobody listens any more.
  stream.on("error", () => {});
  stream.on("drain", () => {
    const lines = dropped;
    dropped = 0;
    if (lines > 0) onDropped(lines);
  });
  return (line) => {
    // Once a line is dropped, so is all that follows, until its place in the log can be told.
    if (dropped > 0 || stream.writableLength > MAX_WAITING) dropped += 1;
    else stream.write(line);
  };
}
