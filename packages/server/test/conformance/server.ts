/** Servers for the conformance suite, over our own HTTP, on the simulated cluster. */
import { createMcpRoute, type McpRoute } from "../../src/http/mcp-route.ts";
import { STDIO_CALLER } from "../../src/policy/caller.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { type OpenServer, openHttp } from "../http/http-session.ts";
import { createFixtureFactory } from "./factory.ts";
import { fixtureTools } from "./tools.ts";
import { withSessions } from "./with-sessions.ts";

/**
 * - `product`: the server as it is.
 * - `fixtures`: the same with the suite's fixtures.
 * - `sessions`: that with sessions for clients of revisions before 2026-07-28.
 */
export type Kind = "product" | "fixtures" | "sessions";

const ROUTES: Readonly<Record<Kind, typeof createMcpRoute>> = {
  product: createMcpRoute,
  fixtures: (parts) => createMcpRoute(parts, createFixtureFactory),
  sessions(parts): McpRoute {
    const route = createMcpRoute(parts, createFixtureFactory);
    return withSessions(
      route,
      createFixtureFactory(parts, () => STDIO_CALLER),
    );
  },
};

// More than the suite asks for.
const rate_limit = { per_minute: 1_000_000, per_minute_per_address: 1_000_000 };

/**
 * Starts one that ends with the test. It asks nobody for an API key, because the suite has none to
 * show.
 */
export async function startTestServer(kind: Kind): Promise<OpenServer> {
  let isDenied = false;
  const fixtures = fixtureTools(() => {
    isDenied = !isDenied;
    reload();
  });
  const server = await openHttp({
    insecureNoAuth: true,
    http: { rate_limit },
    tools: kind === "product" ? TOOLS : [...TOOLS, ...fixtures],
    createRoute: ROUTES[kind],
  });
  const reload = (): void =>
    server.replace({
      http: { rate_limit },
      policy: { deny: isDenied ? ["get_nodes"] : [] },
    });
  return server;
}
