/**
 * What an analysis could not look at. A refused call or a node that is down leaves a gap; only what
 * stops every call ends the analysis.
 */
import type { ErrorCode, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { asKnownError } from "@proxmox-mcp/crypto/internal";
import { type Endpoint, type PathValues, pathOf } from "../proxmox/endpoint.ts";

/** Something that was not looked at. */
export interface Gap {
  /** The facts that are missing or incomplete; rules that need one were not fully checked. */
  readonly facts: readonly string[];
  /** In words, as in "status of node pve2". */
  readonly what: string;
  /** LIMIT: left out on purpose, since the analysis asks for no more. */
  readonly code: ErrorCode | "LIMIT";
  readonly why: string;
  /** As in "Sys.Audit on /nodes/pve2"; `null` where a privilege would not help. */
  readonly missingPrivilege: string | null;
}

/** One call, and what it is asked for. */
export interface Attempt<Path extends string, Fact> {
  readonly facts: readonly string[];
  readonly what: string;
  readonly endpoint: Endpoint<Path>;
  readonly values: PathValues<Path>;
  readonly read: () => Promise<Fact>;
}

/** Collects gaps. */
export interface Gaps {
  readonly all: readonly Gap[];
  /**
   * A node that did not answer once is not asked again: each call would wait until its time is up.
   *
   * @returns what was read, or `undefined` and a gap.
   * @throws ProxmoxMcpError that stops every call: cancelled, unreachable, not let in.
   */
  attempt<Path extends string, Fact>(attempt: Attempt<Path, Fact>): Promise<Fact | undefined>;
  /** Notes a gap that no failed call has shown, as in a list that Proxmox shortened. */
  note(gap: Gap): void;
}

const ENDS_ALL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "CANCELLED",
  "INTERRUPTED",
  "PROXMOX_UNREACHABLE",
  "PROXMOX_TLS",
  "PROXMOX_UNAUTHORIZED",
  "UNEXPECTED",
]);

const SILENCE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["NODE_UNREACHABLE", "PROXMOX_TIMEOUT"]);

/** No gaps yet. */
export function openGaps(): Gaps {
  const all: Gap[] = [];
  const silent = new Map<string, Pick<Gap, "code" | "why">>();
  return {
    all,
    note: (gap) => {
      all.push(gap);
    },
    attempt: async ({ facts, what, endpoint, values, read }) => {
      const node = nodeOf(values);
      const silence = node === undefined ? undefined : silent.get(node);
      if (silence !== undefined) {
        all.push({ facts, what, ...silence, missingPrivilege: null });
        return undefined;
      }
      try {
        return await read();
      } catch (thrown) {
        const error = asKnownError(thrown);
        if (ENDS_ALL.has(error.code)) throw thrown;
        if (node !== undefined && SILENCE.has(error.code)) {
          const why = `node ${node} had not answered before, and was not asked again`;
          silent.set(node, { code: error.code, why });
        }
        const missingPrivilege = missingFor(error, endpoint, values);
        all.push({ facts, what, code: error.code, why: error.message, missingPrivilege });
        return undefined;
      }
    },
  };
}

function nodeOf(values: Readonly<Record<string, string | number>>): string | undefined {
  const { node } = values;
  return typeof node === "string" ? node : undefined;
}

function missingFor(
  { code }: ProxmoxMcpError,
  { needs }: Endpoint,
  values: Readonly<Record<string, string | number>>,
): string | null {
  if (code !== "PROXMOX_FORBIDDEN" || needs.length === 0) return null;
  return needs.map((need) => `${need.anyOf.join(" or ")} on ${pathOf(need, values)}`).join(", ");
}
