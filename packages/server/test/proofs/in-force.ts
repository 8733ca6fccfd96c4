/** What a server says of the config in force to whoever asks. */
import { expect } from "vitest";
import type { HttpServer } from "../http/http-session.ts";

export interface InForce {
  /** When it was taken, in milliseconds. */
  readonly loadedAt: number;
  /** How many reloads since it was taken left it in force. */
  readonly failures: number;
  readonly lastFailure: string | null;
  readonly activeKey: string;
  readonly openedWith: readonly string[];
}

/** Asks `/readyz`, and asserts that it is ready. */
export async function inForceAt(server: Pick<HttpServer, "fetch">): Promise<InForce> {
  const answer = await server.fetch("/readyz");
  expect(answer.status).toBe(200);
  const { config, keys } = (await answer.json()) as {
    readonly config: {
      readonly loaded: string;
      readonly reload_failures: number;
      readonly last_failure: { readonly code: string } | null;
    };
    readonly keys: { readonly active: string; readonly opened_with: readonly string[] };
  };
  return {
    loadedAt: Date.parse(config.loaded),
    failures: config.reload_failures,
    lastFailure: config.last_failure?.code ?? null,
    activeKey: keys.active,
    openedWith: keys.opened_with,
  };
}
