/** Who calls: the API key that a request shows. */
import type { Context } from "hono";
import type { Handler, HttpEnv } from "./environment.ts";
import { headerValues } from "./header-values.ts";
import { refuse } from "./refusal.ts";

/** What happens beside the answer. */
export interface AuthenticateOptions {
  /** Called for each request that is refused, before anything else happens. */
  readonly failed: (context: Context<HttpEnv>) => void;
}

const BEARER = /^bearer +([\x21-\x7e]+)$/i;
const CHALLENGE = 'Bearer realm="proxmox-mcp"';

/**
 * Sets `key` to the name of the API key that the request shows as its one Authorization header; to
 * `undefined` where nobody is asked for one. Others are refused, and not told whether a key is known.
 */
export function authenticate({ failed }: AuthenticateOptions): Handler {
  return async (context, next) => {
    const { keys } = context.var.access;
    if (keys === undefined) {
      context.set("key", undefined);
      await next();
      return;
    }
    const shown = bearerOf(headerValues(context.env.incoming, "authorization"));
    const key = shown === undefined ? undefined : keys.nameOf(shown);
    if (key === undefined) {
      failed(context);
      // RFC 6750, section 3.1: no error code where no credential was shown.
      const challenge = shown === undefined ? CHALLENGE : `${CHALLENGE}, error="invalid_token"`;
      return refuse(context, "UNAUTHORIZED", { "WWW-Authenticate": challenge });
    }
    context.set("key", key);
    await next();
  };
}

function bearerOf([value, ...others]: readonly string[]): string | undefined {
  return value === undefined || others.length > 0 ? undefined : BEARER.exec(value)?.[1];
}
