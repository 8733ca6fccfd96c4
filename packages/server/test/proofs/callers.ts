/** Clients that call a tool over and over, each over a connection of its own, and how their calls end. */
import { type RawAnswer, sender } from "../http/raw-request.ts";
import { CALL } from "./abused-server.ts";

const HEADERS = [
  "Host",
  "localhost",
  "Content-Type",
  "application/json",
  "Accept",
  "application/json, text/event-stream",
] as const;

/** Calls `get_nodes` over one connection, which stays open. */
export function caller(port: number, key: string): () => Promise<RawAnswer> {
  const send = sender("127.0.0.1", port);
  const headers = [...HEADERS, "Authorization", `Bearer ${key}`];
  return () => send({ method: "POST", target: "/api/mcp", headers, body: CALL });
}

export interface Calls {
  whole: number;
  /** Status and text of all other answers. */
  other: string[];
  /** Calls of which nothing came back. */
  unanswered: number;
}

export const noCalls = (): Calls => ({ whole: 0, other: [], unanswered: 0 });

/** Calls over and over until it may not or cannot. */
export async function callOn(
  call: () => Promise<RawAnswer>,
  {
    calls,
    isWhole,
    goesOn,
  }: {
    readonly calls: Calls;
    readonly isWhole: (answer: RawAnswer) => boolean;
    readonly goesOn: () => boolean;
  },
): Promise<void> {
  while (goesOn()) {
    try {
      const answer = await call();
      if (isWhole(answer)) calls.whole += 1;
      else calls.other.push(`${answer.status} ${answer.body.slice(0, 500)}`);
    } catch {
      calls.unanswered += 1;
      return;
    }
  }
}
