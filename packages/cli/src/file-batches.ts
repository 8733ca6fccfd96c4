/** Many files that wait for key derivations. */
import { type Io, refuseInterrupted } from "./io.ts";

/**
 * Does something with every file, so many at once.
 *
 * @returns the results in the order of the files.
 * @throws ProxmoxMcpError INTERRUPTED; and what the work throws.
 */
export async function inFileBatches<File, Result>(
  io: Io,
  files: readonly File[],
  atOnce: number,
  work: (file: File) => Promise<Result>,
  onProgress: (done: number) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let done = 0;
  const workOn = async (file: File) => {
    const result = await work(file);
    done += 1;
    onProgress(done);
    return result;
  };
  for (let start = 0; start < files.length; start += atOnce) {
    refuseInterrupted(io);
    results.push(...(await Promise.all(files.slice(start, start + atOnce).map(workOn))));
  }
  return results;
}
