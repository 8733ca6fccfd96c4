/** Tickets, which a login by password gives, and the tokens against forged requests beside them. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type State, seconds } from "./state.ts";

/** Two hours, in seconds. */
const LIFETIME = 7200;
/** How far a clock may be ahead, in seconds. */
const SKEW = 300;

/** A ticket for a user. */
export function issueTicket(state: State, user: string): string {
  const plain = `PVE:${user}:${stamp(state)}`;
  return `${plain}::${sign(state, plain)}`;
}

/** The user of a ticket that is genuine and not too old. */
export function userOfTicket(state: State, ticket: string): string | undefined {
  const [, plain, user, time, signature] =
    /^(PVE:([^:!]+):([0-9A-F]{8}))::(\S+)$/.exec(ticket) ?? [];
  if (plain === undefined || time === undefined || signature === undefined) return undefined;
  return isFresh(state, time) && isSame(signature, sign(state, plain)) ? user : undefined;
}

/** The token that goes with a ticket on everything but GET. */
export function issueCsrfToken(state: State, user: string): string {
  const time = stamp(state);
  return `${time}:${sign(state, `${time}:${user}`)}`;
}

export function isCsrfToken(state: State, user: string, token: string): boolean {
  const [, time, signature] = /^([0-9A-F]{8}):(\S+)$/.exec(token) ?? [];
  if (time === undefined || signature === undefined) return false;
  return isFresh(state, time) && isSame(signature, sign(state, `${time}:${user}`));
}

function stamp(state: State): string {
  return seconds(state).toString(16).toUpperCase().padStart(8, "0");
}

function isFresh(state: State, time: string): boolean {
  const age = seconds(state) - Number.parseInt(time, 16);
  return age > -SKEW && age < LIFETIME;
}

function sign({ secret }: State, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64");
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
