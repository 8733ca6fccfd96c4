/** What runs leave behind, for the proofs to look through. */
import type { LeftFile } from "./machine.ts";
import type { Call } from "./stubs/call.ts";

/** What one run left behind. */
export interface Evidence {
  /** What can be read in the logs, without the lines that tell a runner what to mask. */
  readonly printed: string[];
  /** What steps gave to the platform: outputs, variables for later steps, summaries, artifacts. */
  readonly handedOver: string[];
  readonly masks: string[];
  /** Files that were on machines in the moment when they were thrown away. */
  readonly left: LeftFile[];
  /** Moments between steps and jobs in which a machine may go. */
  readonly moments: string[];
  /** Calls of stub programs. */
  readonly calls: Call[];
}

export function createEvidence(): Evidence {
  return { printed: [], handedOver: [], masks: [], left: [], moments: [], calls: [] };
}
