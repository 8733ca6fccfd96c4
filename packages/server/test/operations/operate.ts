/** Sessions in which every tool may be called, and what operations give. */
import { expect } from "vitest";
import { type SeenRequest, watchRequests } from "../docs/requests.ts";
import { type Outcome, openSession, type Session, type SessionOptions } from "../mcp/session.ts";

/** What an operation gives. */
export interface Done {
  readonly done: boolean;
  readonly dry_run: boolean;
  readonly vmid: number;
  readonly name: string | null;
  readonly node: string;
  readonly calls: readonly {
    readonly method: string;
    readonly path: string;
    readonly parameters: Readonly<Record<string, string | number | boolean>>;
  }[];
  readonly tasks: readonly {
    readonly upid: string;
    readonly exit_status: string;
    readonly warnings: number;
    readonly log: readonly string[];
    readonly duration_seconds: number;
  }[];
  readonly notes: readonly string[];
}

export interface Operating extends Session {
  /** The calls that changed something, as they arrived at the cluster. */
  readonly changes: () => readonly Pick<SeenRequest, "method" | "path" | "given">[];
  /** Calls a tool that must succeed. */
  readonly operate: (name: string, args: Record<string, unknown>) => Promise<Done>;
  /** Calls a tool that must fail, and change nothing. */
  readonly refusal: (name: string, args: Record<string, unknown>) => Promise<Outcome["error"]>;
}

/** A cluster whose tasks end at once, and a client that may do everything. */
export async function openOperating(options: SessionOptions = {}): Promise<Operating> {
  const seen = watchRequests();
  const simulator = options.simulator ?? { delays: { task: 0 } };
  const session = await openSession({ ...options, policy: { mode: "full" }, simulator });
  const changes = (): ReturnType<Operating["changes"]> =>
    seen()
      .filter(({ method }) => method !== "GET")
      .map(({ method, path, given }) => ({ method, path, given }));
  return {
    ...session,
    changes,
    operate: async (name, args) => {
      const { isError, text, data } = await session.call(name, args);
      expect(isError, text).toBe(false);
      return data as Done;
    },
    refusal: async (name, args) => {
      const before = changes();
      const { isError, text, error } = await session.call(name, args);
      expect(isError, text).toBe(true);
      expect(changes()).toEqual(before);
      return error;
    },
  };
}

/** A call as a form or a query has it. */
export function asSent({ method, path, parameters }: Done["calls"][number]): {
  readonly method: string;
  readonly path: string;
  readonly given: Readonly<Record<string, string>>;
} {
  const given = Object.entries(parameters).map(([name, value]) => [
    name,
    String(typeof value === "boolean" ? Number(value) : value),
  ]);
  return { method, path, given: Object.fromEntries(given) };
}
