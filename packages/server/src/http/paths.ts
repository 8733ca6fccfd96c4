/** The paths that are not for http.path to choose. */
import type { Route } from "../metrics/metrics.ts";

export const LIVEZ = "/livez";
export const READYZ = "/readyz";
export const METRICS = "/metrics";

/** All of them, each with what its requests are counted as. */
export const ROUTES: ReadonlyMap<string, Route> = new Map([
  [LIVEZ, "livez"],
  [READYZ, "readyz"],
  [METRICS, "metrics"],
]);
