/** Proving who asks. */
import { type Credentials, hideSecrets, tokenHeader } from "./credentials.ts";
import type { Method } from "./endpoint.ts";
import { unlessRefused } from "./refused-credentials.ts";
import { openTicket, type TicketOptions } from "./ticket.ts";

/** What one exchange is proven with. */
export interface Proof {
  readonly headers: Readonly<Record<string, string>>;
  /** Hides these secrets in a text that others wrote. */
  readonly hide: (text: string) => string;
}

export interface Authentication {
  /**
   * Sends with a proof. May log in first; that ends early with its caller's signal, and leaves the
   * login to others. What was refused is not sent again for a while: the refusal is thrown at once.
   */
  prove<Result>(
    method: Method,
    signal: AbortSignal,
    send: (proof: Proof) => Promise<Result>,
  ): Promise<Result>;
}

export function authenticate(
  credentials: Credentials,
  options: Omit<TicketOptions, "credentials">,
): Authentication {
  if (!("tokenName" in credentials)) return openTicket({ ...options, credentials });
  const proof: Proof = {
    headers: { authorization: tokenHeader(credentials) },
    hide: (text) => hideSecrets(text, [credentials.tokenValue.reveal()]),
  };
  const attempt = unlessRefused("token", options.now);
  return { prove: (_method, _signal, send) => attempt(() => send(proof)) };
}
