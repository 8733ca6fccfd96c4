/** The paths that are not for http.path to choose. */

/** Kubernetes sends its probes to the address of a pod, and without a key. */
export const PROBES: readonly string[] = ["/livez", "/readyz"];

export const METRICS = "/metrics";
