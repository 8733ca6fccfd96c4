/** What comes over stdout, line by line: protocol messages alone, and one answer for each request. */
import { createInterface } from "node:readline";
import { expect } from "vitest";
import type { Serving } from "../serve/serving.ts";

export interface Answers {
  /** Every line so far. */
  readonly lines: readonly string[];
  /** How many answers the request of this id has. */
  countOf(id: number | string): number;
  /** Asserts that each line is one message of JSON-RPC 2.0: an answer or a notification. */
  expectProtocol(): void;
}

/** Reads along with the client. */
export function readAnswers({ process: { stdout } }: Serving): Answers {
  const lines: string[] = [];
  const counts = new Map<unknown, number>();
  createInterface({ input: stdout }).on("line", (line) => {
    lines.push(line);
    const { id } = JSON.parse(line) as { id?: unknown };
    counts.set(id, (counts.get(id) ?? 0) + 1);
  });
  return {
    lines,
    countOf: (id) => counts.get(id) ?? 0,
    expectProtocol() {
      for (const line of lines) {
        const message = JSON.parse(line) as Readonly<Record<string, unknown>>;
        expect(message["jsonrpc"]).toBe("2.0");
        const isAnswer = "id" in message && ("result" in message || "error" in message);
        expect(isAnswer || typeof message["method"] === "string", line.slice(0, 200)).toBe(true);
      }
    },
  };
}
