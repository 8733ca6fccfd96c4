/** The headers that prove who asks. */
import { type Credentials, hideSecrets, tokenHeader } from "./credentials.ts";
import type { Method } from "./endpoint.ts";
import { openTicket, type TicketOptions } from "./ticket.ts";

export interface Authentication {
  /** May log in first. Ends early with its caller's signal, and leaves the login to others. */
  headers(method: Method, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** They were not accepted: the next call logs in anew. */
  forget(): void;
  /** Hides what proves it in a text that others wrote. */
  hide(text: string): string;
}

export function authenticate(
  credentials: Credentials,
  options: Omit<TicketOptions, "credentials">,
): Authentication {
  if (!("tokenName" in credentials)) return openTicket({ ...options, credentials });
  const headers = { authorization: tokenHeader(credentials) };
  return {
    headers: async () => headers,
    forget: () => undefined,
    hide: (text) => hideSecrets(text, [credentials.tokenValue.reveal()]),
  };
}
