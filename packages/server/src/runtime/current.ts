/** The deployment in force, and those before it that calls still hold. */
import type { Log } from "../log/log.ts";
import type { Deployment, Deployments, Lease, OpenDeployment } from "./deployment.ts";

/** A deployment that can be replaced while calls run. */
export interface CurrentDeployment extends Deployments {
  /** Puts another deployment in force. The old one is closed once its last call has released it. */
  replace(next: OpenDeployment): void;
  /** Closes the deployment in force, and waits for those that are being closed. */
  close(): Promise<void>;
}

interface Held {
  readonly deployment: OpenDeployment;
  leases: number;
  retired: boolean;
}

/** Puts a first deployment in force. */
export function createCurrent(first: OpenDeployment, log: Log): CurrentDeployment {
  let current: Held = { deployment: first, leases: 0, retired: false };
  const closing = new Set<Promise<void>>();
  const listeners = new Set<(next: Deployment, before: Deployment) => void>();

  const closeHeld = ({ deployment }: Held): void => {
    const closed = deployment
      .close()
      .catch((error: unknown) => log("warn", "an old connection was not closed", { error }))
      .finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const closeIdle = (held: Held): void => {
    if (held.retired && held.leases === 0) closeHeld(held);
  };

  return {
    acquire(): Lease {
      const held = current;
      let released = false;
      held.leases += 1;
      return {
        deployment: held.deployment,
        release() {
          if (released) return;
          released = true;
          held.leases -= 1;
          closeIdle(held);
        },
      };
    },
    onReplaced(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    replace(next) {
      const old = current;
      current = { deployment: next, leases: 0, retired: false };
      old.retired = true;
      closeIdle(old);
      // It is in force now: nobody's failure may leave the others with the old one.
      for (const listener of listeners) {
        try {
          listener(next, old.deployment);
        } catch (error) {
          log("error", "a part of the server did not take the new config", { error });
        }
      }
    },
    async close() {
      // Not marked as retired: a call that is given up releases it later, and it is closed once.
      closeHeld(current);
      await Promise.all(closing);
    },
  };
}
