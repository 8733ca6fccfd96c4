/** Work under locks, for the tests: the locks are gone when it ends, however it ends. */
import { lockDirectories } from "../../src/files/lock.ts";

export async function withLocks<T>(
  directories: readonly string[],
  operation: string,
  work: () => Promise<T>,
): Promise<T> {
  const locks = await lockDirectories(directories, operation);
  try {
    return await work();
  } finally {
    locks.release();
  }
}
