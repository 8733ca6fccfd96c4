/** An API that is no wider than what was declared. */
import type { Api } from "./api.ts";
import type { Endpoint } from "./endpoint.ts";

/** The same API for these endpoints alone. Calling another one is a mistake of ours: TypeError. */
export function restrictTo(api: Api, endpoints: readonly Endpoint[]): Api {
  const named: ReadonlySet<Endpoint> = new Set(endpoints);
  return {
    call: async (endpoint, request) => {
      if (!named.has(endpoint)) {
        throw new TypeError(`${endpoint.method} ${endpoint.path} was not declared`);
      }
      return await api.call(endpoint, request);
    },
  };
}
