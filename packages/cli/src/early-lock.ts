/** Locks that are taken while a key is still being derived on another thread. */
import { type Locks, lockDirectories } from "@proxmox-mcp/crypto/files";

/** A lock, or why there is none: that matters only once something is to be written. */
export interface EarlyLock {
  /** @throws ProxmoxMcpError LOCKED, WRITE_FAILED */
  require(): Locks;
  release(): void;
}

/** Tries to lock a directory. Release what comes back on every path. */
export async function lockEarly(directory: string, operation: string): Promise<EarlyLock> {
  try {
    const locks = await lockDirectories([directory], operation);
    return { require: () => locks, release: () => locks.release() };
  } catch (error) {
    return {
      require: () => {
        throw error;
      },
      release: () => undefined,
    };
  }
}
