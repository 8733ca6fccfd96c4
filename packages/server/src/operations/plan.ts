/** An operation before it is done: on which guest, by which calls, and what to know of it. */

import type { ApiRequest } from "../proxmox/api.ts";
import type { Endpoint, ParameterValue } from "../proxmox/endpoint.ts";
import type { GuestType } from "../proxmox/guest.ts";
import { fillPath } from "../proxmox/path.ts";

/** The guest that an operation is about; one that is to be made has its place already. */
export interface PlanTarget {
  readonly type: GuestType;
  readonly vmid: number;
  readonly name?: string | undefined;
  readonly node: string;
}

/** A call that changes something and starts a task. */
export interface PlannedCall {
  readonly endpoint: Endpoint;
  readonly values: Readonly<Record<string, string | number>>;
  /** Without those that were left out. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** What would be done. Making a plan changes nothing. */
export interface Plan {
  readonly target: PlanTarget;
  /** The guest that the call is made on, where `target` is one that is to be made of it. */
  readonly source?: PlanTarget;
  /** `undefined` where there is nothing to do: `notes` say why. */
  readonly call: PlannedCall | undefined;
  /** What people should know before they agree, a sentence each. */
  readonly notes: readonly string[];
}

/** A call of an endpoint, its values and parameters checked against it. */
export function planned<Path extends string, Parameter extends string>(
  endpoint: Endpoint<Path, Parameter>,
  { values, parameters }: Omit<ApiRequest<Path, Parameter>, "signal">,
): PlannedCall {
  const given = Object.entries<ParameterValue | undefined>(parameters ?? {}).filter(isGiven);
  return { endpoint, values, parameters: Object.fromEntries(given) };
}

function isGiven(entry: [string, ParameterValue | undefined]): entry is [string, ParameterValue] {
  return entry[1] !== undefined;
}

/** A call as people read it. */
export interface ShownCall {
  readonly method: string;
  /** Below `/api2/json`. */
  readonly path: string;
  readonly parameters: Record<string, string | number | boolean>;
}

/** What goes over the wire, save that booleans are 1 and 0 there. No parameter here is a secret. */
export function shownCall({ endpoint, values, parameters }: PlannedCall): ShownCall {
  const shown = Object.entries(parameters).map(([name, value]) => [
    name,
    typeof value === "object" ? value.join(", ") : value,
  ]);
  const path = fillPath<string>(endpoint.path, values);
  return { method: endpoint.method, path, parameters: Object.fromEntries(shown) };
}
