/** Standard input, read to its end. */
import { closeSync, constants, fstatSync, openSync, readSync, readvSync } from "node:fs";
import { interrupted } from "./io.ts";

const STDIN = 0;

/** More than any secret, and as much as a pipe of Linux holds. Bytes. */
const AT_ONCE = 64 * 1024;

/**
 * Reads standard input.
 *
 * @param signal ends the wait for what does not come.
 * @throws ProxmoxMcpError INTERRUPTED, or the system error.
 */
export async function readStandardInput(signal: AbortSignal): Promise<Buffer> {
  const { bytes, isAll } = readWhatIsThere();
  if (signal.aborted) throw interrupted();
  return isAll ? bytes : Buffer.concat([bytes, await readStream(signal)]);
}

/** Some bytes of a stream. */
interface Beginning {
  readonly bytes: Buffer;
  /** Whether the stream has ended with them. */
  readonly isAll: boolean;
}

/**
 * Reads what a file or a pipe has already, without waiting: a stream of Node's takes longer to be loaded
 * than all other work on a small file. Where nothing was there, it may be that no writer came yet.
 */
function readWhatIsThere(): Beginning {
  const bytes = Buffer.alloc(AT_ONCE);
  let length = 0;
  let isAll = false;
  let own: number | undefined;
  try {
    const stat = fstatSync(STDIN);
    if (stat.isFIFO()) {
      // Fails for the end that is written to, whose bytes are for somebody else.
      readvSync(STDIN, [Buffer.alloc(0)]);
      // Opened anew the pipe alone does not wait: others who share the descriptor see no difference.
      own = openSync("/proc/self/fd/0", constants.O_RDONLY | constants.O_NONBLOCK);
    }
    const isReadable = stat.isFile() || own !== undefined;
    while (isReadable && !isAll && length < AT_ONCE) {
      const count = readSync(own ?? STDIN, bytes, length, AT_ONCE - length, null);
      if (count === 0 && length === 0) break;
      length += count;
      isAll = count === 0;
    }
  } catch {
    // Its writer is not done yet, or it is none of these. The stream waits, and says what is wrong.
  } finally {
    if (own !== undefined) closeSync(own);
  }
  return { bytes: bytes.subarray(0, length), isAll };
}

async function readStream(signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const stop = () => process.stdin.destroy(interrupted());
  signal.addEventListener("abort", stop);
  try {
    for await (const chunk of process.stdin) chunks.push(chunk);
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks);
}
