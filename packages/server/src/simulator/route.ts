/** A route of the simulated API: who may call it, with which parameters, and what it answers. */
import type { Schema, Values } from "./parameters.ts";
import type { State } from "./state.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Who may call a route. */
export type Access =
  /** Anybody, without credentials. */
  | "world"
  /** Every known user; the answer holds only what the caller may see. */
  | "all"
  /** Every known user, but no API token. */
  | "ticket"
  /** Who has one of the privileges at a path, which may hold placeholders. */
  | { readonly on: string; readonly anyOf: readonly string[] };

/** What a route works on. */
export interface Call<S extends Schema = Schema> {
  readonly state: State;
  /** `root@pam` or `root@pam!full`; empty for the world. */
  readonly userid: string;
  /** Parameters of the path, the query and the body. */
  readonly values: Values<S>;
}

export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly access: Access;
  readonly parameters: Schema;
  /** @throws Refusal */
  answer(call: Call): unknown;
}

/** Declares a route. Placeholders of its path are parameters like the others. */
export function route<S extends Schema>(
  method: Method,
  path: string,
  access: Access,
  parameters: S,
  answer: (call: Call<S>) => unknown,
): Route {
  // Parameters are checked against this very schema before the route is called.
  return { method, path, access, parameters, answer: (call) => answer(call as Call<S>) };
}

/** One of these privileges, at a path. */
export function needs(on: string, ...anyOf: readonly string[]): Access {
  return { on, anyOf };
}

/** A part of a longer list. */
export class Page {
  readonly data: readonly unknown[];
  /** The length of the whole list, which stands beside `data` in the answer. */
  readonly total: number;

  constructor(data: readonly unknown[], total: number) {
    this.data = data;
    this.total = total;
  }
}
