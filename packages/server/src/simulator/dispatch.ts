/** From a request whose sender is known to data or a refusal, in the order in which Proxmox decides. */
import { checkParameters, type Raw } from "./parameters.ts";
import { demand, splitUserid } from "./permissions.ts";
import { forbidden, invalid, Refusal } from "./refusal.ts";
import { type Access, type Method, Page, type Route } from "./route.ts";
import { findRoute } from "./routes.ts";
import type { State } from "./state.ts";
import { settle } from "./worker.ts";

export interface ApiRequest {
  readonly method: Method;
  /** Below the format, as in `/nodes/pve1/status`. */
  readonly path: string;
  readonly userid: string;
  /** Of the query and the body. */
  readonly parameters: Readonly<Record<string, Raw>>;
}

/** Whether a request needs no credentials. */
export function isPublic(method: Method, path: string): boolean {
  return findRoute(method, path)?.route.access === "world";
}

/**
 * Answers a request.
 *
 * @throws Refusal
 */
export async function dispatch(
  state: State,
  request: ApiRequest,
): Promise<Page | { data: unknown }> {
  const { method, path, userid, parameters } = request;
  const found = findRoute(method, path);
  if (found === undefined) throw new Refusal(501, `Method '${method} ${path}' not implemented`);
  const { route, inPath } = found;
  refuseDuplicates(inPath, parameters);
  checkAccess(state, route.access, path, userid, inPath);
  refuseUnreachable(state, inPath["node"], route);
  const values = checkParameters(route.parameters, { ...parameters, ...inPath });
  settle(state);
  const data = await route.answer({ state, userid, values });
  return data instanceof Page ? data : { data: data ?? null };
}

function refuseDuplicates(
  inPath: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, Raw>>,
): void {
  for (const [name, value] of Object.entries(inPath)) {
    if (!Object.hasOwn(parameters, name) || String(parameters[name]) === value) continue;
    throw invalid({
      [name]: "duplicate parameter (already defined in URI) with conflicting values!",
    });
  }
}

function checkAccess(
  { access: control }: State,
  access: Access,
  path: string,
  userid: string,
  inPath: Readonly<Record<string, string>>,
): void {
  if (access === "ticket" && splitUserid(userid).token !== undefined) {
    throw forbidden(`URI '${path}' not available with API token, need proper ticket.\n`);
  }
  if (typeof access === "string") return;
  const on = access.on.replace(/\{([a-z]+)\}/g, (_, name: string) => inPath[name] ?? "");
  demand(control, userid, /^[A-Za-z0-9.\-_/]+$/.test(on) ? on : undefined, access.anyOf);
}

// A node passes on what is for another one before it looks at the parameters.
function refuseUnreachable(
  { nodes }: State,
  name: string | undefined,
  { parameters }: Route,
): void {
  if (name === undefined || !Object.hasOwn(parameters, "node")) return;
  const node = nodes.find((candidate) => candidate.name === name);
  if (node?.online === true) return;
  if (node !== undefined) throw new Refusal(595, "No route to host", { bare: true });
  if (!/^[a-zA-Z0-9-]+$/.test(name)) {
    throw invalid({ node: "invalid format - value does not look like a valid node name\n" });
  }
  throw new Refusal(
    500,
    `hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known\n`,
  );
}
