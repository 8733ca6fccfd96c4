/** Calls of a tool that go on without a pause while something else happens. */
import { setTimeout as pass } from "node:timers/promises";
import { expect } from "vitest";
import type { RawAnswer } from "../http/raw-request.ts";
import { type Calls, caller, callOn, noCalls } from "./callers.ts";

export interface SteadyLoad {
  /** Settles once as many calls have ended well as there are clients, since this was asked. */
  goesOn(): Promise<void>;
  /** Ends it, and asserts that every call was answered in full. @returns how many there were. */
  stop(): Promise<number>;
}

/** Milliseconds between two calls of a client: those of others, and what goes on meanwhile, get their turn. */
const PAUSE = 10;

const isWhole = ({ status, body }: RawAnswer): boolean =>
  status === 200 && body.includes("pve1") && !body.includes('"isError":true');

/** Has clients call `get_nodes` of the simulated cluster, each over a connection of its own, which must last for all of it. */
export function startLoad(port: number, key: string, clients: number): SteadyLoad {
  const calls: Calls = noCalls();
  let isOver = false;
  let told: { readonly at: number; readonly resolve: () => void } | undefined;
  const work = async (): Promise<void> => {
    const call = caller(port, key);
    const paced = async (): Promise<RawAnswer> => {
      await pass(PAUSE);
      return await call();
    };
    await callOn(paced, {
      calls,
      isWhole,
      goesOn: () => {
        if (told !== undefined && calls.whole >= told.at) told.resolve();
        return !isOver;
      },
    });
    told?.resolve();
  };
  const ends = Array.from({ length: clients }, work);
  const expectAllWhole = (): void => {
    expect(calls).toEqual({ whole: calls.whole, other: [], unanswered: 0 });
  };
  return {
    async goesOn() {
      // Calls under way may have begun before.
      const at = calls.whole + 2 * clients;
      await new Promise<void>((resolve) => {
        told = { at, resolve };
      });
      expectAllWhole();
    },
    async stop() {
      isOver = true;
      await Promise.all(ends);
      expectAllWhole();
      return calls.whole;
    },
  };
}
