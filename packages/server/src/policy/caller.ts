/** Who calls a tool. */

/** A client as policy, audit and limits know it. */
export interface Caller {
  readonly transport: "stdio" | "http";
  /** The name of its API key in `http.api_keys`; `undefined` over stdio and without authentication. */
  readonly key: string | undefined;
  /** Its IP address; `undefined` over stdio. */
  readonly address: string | undefined;
}

/** The one client of a server over stdio: whoever started the process. */
export const STDIO_CALLER: Caller = { transport: "stdio", key: undefined, address: undefined };
