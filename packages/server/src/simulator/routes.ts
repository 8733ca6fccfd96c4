/** Every route of the simulated API. A new resource is a file with its routes, and a line here. */
import { ACCESS_ROUTES } from "./access.ts";
import { AGENT_ROUTES } from "./agent.ts";
import { CLONE_ROUTES } from "./clone.ts";
import { CLUSTER_ROUTES } from "./cluster.ts";
import { CREATE_ROUTES } from "./create.ts";
import { DELETE_ROUTES } from "./delete.ts";
import { GUEST_ROUTES } from "./guests.ts";
import { NODE_ROUTES } from "./nodes.ts";
import { POWER_ROUTES } from "./power.ts";
import type { Method, Route } from "./route.ts";
import { SNAPSHOT_ROUTES } from "./snapshots.ts";
import { STORAGE_ROUTES } from "./storage.ts";
import { TASK_ROUTES } from "./tasks.ts";
import { VERSION_ROUTES } from "./version.ts";

const ROUTES: readonly Route[] = [
  ...VERSION_ROUTES,
  ...CLUSTER_ROUTES,
  ...NODE_ROUTES,
  ...GUEST_ROUTES,
  ...POWER_ROUTES,
  ...SNAPSHOT_ROUTES,
  ...CREATE_ROUTES,
  ...CLONE_ROUTES,
  ...DELETE_ROUTES,
  ...AGENT_ROUTES,
  ...STORAGE_ROUTES,
  ...TASK_ROUTES,
  ...ACCESS_ROUTES,
];

const PATTERNS = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(/\{([a-z]+)\}/g, "(?<$1>[^/]+)")}/?$`),
}));

/** The route of a request, with what stands in its path. */
export function findRoute(
  method: Method,
  path: string,
): { readonly route: Route; readonly inPath: Readonly<Record<string, string>> } | undefined {
  for (const { route, pattern } of PATTERNS) {
    if (route.method !== method) continue;
    const match = pattern.exec(path);
    if (match !== null) return { route, inPath: { ...match.groups } };
  }
  return undefined;
}
