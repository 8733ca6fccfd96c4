/** What was asked: from it an answer that is a refusal gets its words. */
import type { Endpoint } from "./endpoint.ts";

export interface Question {
  /** `host:port`. */
  readonly asked: string;
  readonly endpoint: Endpoint;
  readonly values: Readonly<Record<string, string | number>>;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Who asked: `user@realm` or `user@realm!token`. */
  readonly identity: string;
  /** Hides our secrets in a text that others wrote. */
  readonly hide: (text: string) => string;
}
