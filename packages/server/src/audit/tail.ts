/** `audit tail`: reading a file while others append to it. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { createLineCutter, type FileLine, reading } from "./read-lines.ts";

const CHUNK = 64 * 1024;

/** A file that is found again when it is rotated. */
export interface FollowedFile {
  /** Calls back for each line that has come since the last time; at first for each that is there. */
  more(take: (line: FileLine) => void): void;
}

/** Whether a file can be followed. A pipe cannot: it is read to its end. @throws ProxmoxMcpError */
export function canBeFollowed(file: string): boolean {
  return reading(file, () => statSync(file)).isFile();
}

/** @throws ProxmoxMcpError FILE_NOT_FOUND, FILE_NOT_REGULAR, FILE_UNREADABLE, as its methods do. */
export function followFile(file: string): FollowedFile {
  const chunk = Buffer.alloc(CHUNK);
  let descriptor = reading(file, () => openSync(file, "r"));
  let cutter = createLineCutter(file);
  let position = 0;

  const readOn = (take: (line: FileLine) => void): void => {
    for (;;) {
      const read = reading(file, () => readSync(descriptor, chunk, { position }));
      if (read === 0) return;
      position += read;
      cutter.take(chunk.subarray(0, read)).forEach(take);
    }
  };
  const startAnew = (): void => {
    cutter = createLineCutter(file);
    position = 0;
  };
  return {
    more(take) {
      const open = fstatSync(descriptor);
      if (open.size < position) startAnew();
      readOn(take);
      const named = statSync(file, { throwIfNoEntry: false });
      // Between the old file and the new one there is none for a moment.
      if (named === undefined || (named.ino === open.ino && named.dev === open.dev)) return;
      const next = reading(file, () => openSync(file, "r"));
      // What was written to the old file while the new one was there already.
      readOn(take);
      cutter.rest().forEach(take);
      closeSync(descriptor);
      descriptor = next;
      startAnew();
      readOn(take);
    },
  };
}
