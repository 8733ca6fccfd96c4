/** Locks that are taken while a key is still being derived on another thread. */
import { type Locks, lockDirectories } from "@proxmox-mcp/crypto/files";

/**
 * Does some work with a directory's lock, if it can be had. Where it cannot, the work goes on: what
 * writes a file without the lock tries to take it, and says what is in the way.
 */
export async function withEarlyLock<T>(
  directory: string,
  operation: string,
  work: (locks: Locks | undefined) => Promise<T>,
): Promise<T> {
  const locks = await lockDirectories([directory], operation).catch(() => undefined);
  try {
    return await work(locks);
  } finally {
    locks?.release();
  }
}
