/** Credentials that Proxmox refused, and for how long they are not sent again. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";

const SECOND = 1000;
/** Each try keeps a worker of Proxmox busy for three seconds. */
const TOKEN_PAUSE = 30 * SECOND;
/** Directories lock a user after a few wrong passwords. */
const PASSWORD_PAUSE = 300 * SECOND;

/** Which pause is right. */
export type CredentialsKind = "token" | "password";

/** Sends credentials; throws the last refusal instead while that is fresh. */
export type SendUnlessRefused = <Result>(send: () => Promise<Result>) => Promise<Result>;

/** @param now milliseconds of a clock that never goes back. */
export function unlessRefused(kind: CredentialsKind, now: () => number): SendUnlessRefused {
  const pause = kind === "token" ? TOKEN_PAUSE : PASSWORD_PAUSE;
  let refused: { readonly error: ProxmoxMcpError; readonly until: number } | undefined;
  return async (send) => {
    if (refused !== undefined && now() < refused.until) {
      throw withPause(refused.error, refused.until - now());
    }
    try {
      const result = await send();
      refused = undefined;
      return result;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused = { error, until: now() + pause };
      throw withPause(error, pause);
    }
  };
}

export function isRefusal(error: unknown): error is ProxmoxMcpError {
  return error instanceof ProxmoxMcpError && error.code === "PROXMOX_UNAUTHORIZED";
}

function withPause({ code, message, hint, cause }: ProxmoxMcpError, left: number): ProxmoxMcpError {
  const seconds = Math.ceil(left / SECOND);
  return new ProxmoxMcpError(code, message, {
    hint: `${hint}; the same credentials are sent again after ${seconds} s, or once the config is loaded anew`,
    cause,
  });
}
