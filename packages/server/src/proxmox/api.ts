/** What the rest of the server sees of Proxmox: one function that calls an endpoint. */
import type { Endpoint, ParameterValue, PathValues } from "./endpoint.ts";

/** What every call may be given. */
export interface Abortable {
  /** Ends the call, whatever it waits for. */
  readonly signal?: AbortSignal | undefined;
}

/** What goes with one call. */
export interface ApiRequest<Path extends string = string, Parameter extends string = string>
  extends Abortable {
  /** Fills the path's placeholders; a value cannot leave its segment. */
  readonly values: PathValues<Path>;
  /** `undefined` is left out. */
  readonly parameters?: Readonly<Partial<Record<Parameter, ParameterValue | undefined>>>;
}

/** The API of one Proxmox host, as one user. */
export interface Api {
  /**
   * Calls an endpoint.
   *
   * @returns the `data` of Proxmox's envelope, unchecked: resource functions parse it.
   * @throws ProxmoxMcpError PROXMOX_UNREACHABLE, PROXMOX_TLS, PROXMOX_TIMEOUT,
   * PROXMOX_UNAUTHORIZED, PROXMOX_FORBIDDEN, PROXMOX_INVALID, PROXMOX_FAILED, PROXMOX_ANSWER,
   * NODE_UNREACHABLE, CANCELLED.
   */
  call<Path extends string, Parameter extends string>(
    endpoint: Endpoint<Path, Parameter>,
    request: ApiRequest<Path, Parameter>,
  ): Promise<unknown>;
}
