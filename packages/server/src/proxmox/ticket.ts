/** Logging in with a password: a ticket that lives for two hours, and is renewed long before. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { z } from "zod";
import type { Authentication } from "./authentication.ts";
import { hideSecrets, type PasswordCredentials } from "./credentials.ts";
import { TICKET } from "./endpoints.ts";
import { maybe, parseData, text } from "./parse.ts";
import { isRefusal, unlessRefused } from "./refused-credentials.ts";

const RENEW_AFTER = 60 * 60 * 1000;

// What goes into a header must fit there.
const header = text.refine((value) => /^[\x21-\x7e]+$/.test(value));

const schema = z.object({
  ticket: maybe(header),
  CSRFPreventionToken: maybe(header),
  NeedTFA: maybe(z.unknown()),
});

export interface TicketOptions {
  readonly credentials: PasswordCredentials;
  /** Posts the login with a time limit of its own, and gives the data of the answer. */
  readonly login: (form: {
    readonly username: string;
    readonly password: string;
  }) => Promise<unknown>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface Ticket {
  readonly ticket: string;
  readonly csrf: string;
  readonly at: number;
}

/** Logs in at the first call. There is one login at a time, whoever waits for it. */
export function openTicket({ credentials, login, now }: TicketOptions): Authentication {
  const attempt = unlessRefused("password", now);
  let ticket: Ticket | undefined;
  let running: Promise<Ticket> | undefined;

  const renew = async (): Promise<Ticket> => {
    const at = now();
    const form = { username: credentials.user, password: credentials.password.reveal() };
    ticket = await attempt(async () => readTicket(await login(form), credentials.user, at));
    return ticket;
  };

  const current = (): Ticket | Promise<Ticket> => {
    if (ticket !== undefined && now() - ticket.at < RENEW_AFTER) return ticket;
    running ??= renew().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    prove: async (method, signal, send) => {
      const used = await unlessAborted(current, signal);
      const { ticket: value, csrf } = used;
      const cookie = `PVEAuthCookie=${encodeURIComponent(value)}`;
      try {
        return await send({
          headers: method === "GET" ? { cookie } : { cookie, csrfpreventiontoken: csrf },
          hide: (text) => hideSecrets(text, [credentials.password.reveal(), value, csrf]),
        });
      } catch (error) {
        // The next call logs in anew, unless another has done so by now.
        if (isRefusal(error) && ticket === used) ticket = undefined;
        throw error;
      }
    },
  };
}

function readTicket(data: unknown, user: string, at: number): Ticket {
  const { ticket, CSRFPreventionToken: csrf, NeedTFA } = parseData(TICKET, schema, data);
  if (NeedTFA !== undefined) {
    throw new ProxmoxMcpError("PROXMOX_UNAUTHORIZED", `${user} logs in with a second factor`, {
      hint: "make an API token for this user, or one without a second factor",
    });
  }
  if (ticket === undefined || csrf === undefined) {
    throw new ProxmoxMcpError("PROXMOX_ANSWER", "the login was answered without a ticket", {
      hint: "use an API token",
    });
  }
  return { ticket, csrf, at };
}

/** What `get` gives, unless the signal comes first; what it began goes on. */
async function unlessAborted<Value>(
  get: () => Value | Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  signal.throwIfAborted();
  return await new Promise<Value>((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    Promise.resolve(get())
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", leave));
  });
}
