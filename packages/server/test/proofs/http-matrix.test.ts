/**
 * Every route, with every credential, from everywhere, under every name, from every page, under every
 * policy: what is answered, and what reaches a tool or Proxmox.
 *
 * Each of them has kinds and variants of these. Every kind is combined with every kind of all others,
 * and each variant with every kind of all others.
 *
 * What has to happen is said by the tables here and by `expected`, which call nothing of the server.
 */
import { connect, createServer, type Server } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { CallRecorder } from "../../src/mcp/call-record.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { openHttp, type Sections } from "../http/http-session.ts";
import { type RawAnswer, type RawRequest, sender } from "../http/raw-request.ts";

const KEYS = {
  example: "example-key-of-a-usual-client",
  own: "example-key-with-rules-of-its-own",
} as const;
const REMOVED = "example-key-that-was-removed";
const ORIGIN = "https://console.example";

type KeyName = keyof typeof KEYS;
type ToolName = "get_nodes" | "list_snapshots" | "rollback_snapshot";

interface Value {
  readonly name: string;
  /** Whether it is another spelling of what is there already, and not of a kind of its own. */
  readonly isVariant?: boolean;
}

interface Credential extends Value {
  readonly values: readonly string[];
  readonly key?: KeyName;
  /** Whether it is one key in the right form. */
  readonly isShown?: boolean;
}

const CREDENTIALS: readonly Credential[] = [
  { name: "none", values: [] },
  { name: "another scheme", values: [`Basic ${btoa(`example:${KEYS.example}`)}`] },
  { name: "no scheme", values: [KEYS.example], isVariant: true },
  { name: "a wrong key", values: ["Bearer example-key-that-is-wrong"], isShown: true },
  { name: "a removed key", values: [`Bearer ${REMOVED}`], isShown: true },
  {
    name: "a right key twice",
    values: [`Bearer ${KEYS.example}`, `Bearer ${KEYS.example}`],
    isVariant: true,
  },
  { name: "a right key", values: [`Bearer ${KEYS.example}`], key: "example" },
  { name: "a key with rules of its own", values: [`bEARER   ${KEYS.own}`], key: "own" },
];

interface Client extends Value {
  readonly from: "127.0.0.2" | "127.0.0.3" | "127.0.0.4" | "::1";
  readonly headers: readonly string[];
  readonly allowed: boolean;
}

const forwarded = (...values: readonly string[]) =>
  values.flatMap((value) => ["X-Forwarded-For", value]);

// 127.0.0.2 and ::1 are trusted proxies; 127.0.0.3, 192.0.2.0/24 and 2001:db8:a::/48 are allowed.
const CLIENTS: readonly Client[] = [
  { name: "an allowed peer", from: "127.0.0.3", headers: [], allowed: true },
  {
    name: "an allowed peer that says to be another one",
    from: "127.0.0.3",
    headers: forwarded("203.0.113.9"),
    allowed: true,
  },
  { name: "another peer", from: "127.0.0.4", headers: [], allowed: false },
  {
    name: "another peer that says to be allowed",
    from: "127.0.0.4",
    headers: forwarded("192.0.2.77"),
    allowed: false,
  },
  {
    name: "another peer that says to be a proxy",
    from: "127.0.0.4",
    headers: forwarded("192.0.2.77", "127.0.0.2"),
    allowed: false,
    isVariant: true,
  },
  {
    name: "another peer with all other headers",
    from: "127.0.0.4",
    headers: [
      "Forwarded",
      "for=192.0.2.77",
      "X-Real-IP",
      "192.0.2.77",
      "X-Client-IP",
      "192.0.2.77",
    ],
    allowed: false,
    isVariant: true,
  },
  { name: "a proxy by itself", from: "127.0.0.2", headers: [], allowed: false, isVariant: true },
  {
    name: "a proxy with a header that is not believed",
    from: "127.0.0.2",
    headers: ["Forwarded", "for=192.0.2.77"],
    allowed: false,
    isVariant: true,
  },
  {
    name: "an allowed client of a proxy",
    from: "127.0.0.2",
    headers: forwarded("192.0.2.77"),
    allowed: true,
  },
  {
    name: "an allowed client of two proxies",
    from: "127.0.0.2",
    headers: forwarded("203.0.113.9, 192.0.2.77:4711, ::1"),
    allowed: true,
    isVariant: true,
  },
  {
    name: "another client of a proxy",
    from: "127.0.0.2",
    headers: forwarded("203.0.113.9"),
    allowed: false,
    isVariant: true,
  },
  {
    name: "another client of a proxy that says to be allowed",
    from: "127.0.0.2",
    headers: forwarded("192.0.2.77, 203.0.113.9"),
    allowed: false,
  },
  {
    name: "another client of a proxy that says so in a line of its own",
    from: "127.0.0.2",
    headers: forwarded("192.0.2.77", "203.0.113.9"),
    allowed: false,
    isVariant: true,
  },
  {
    name: "a client that a proxy has no address of",
    from: "127.0.0.2",
    headers: forwarded("192.0.2.77, unknown"),
    allowed: false,
    isVariant: true,
  },
  { name: "an IPv6 proxy by itself", from: "::1", headers: [], allowed: false, isVariant: true },
  {
    name: "an allowed client of an IPv6 proxy",
    from: "::1",
    headers: forwarded("2001:db8:b::7, [2001:DB8:A::7]:4711"),
    allowed: true,
    isVariant: true,
  },
  {
    name: "an allowed IPv4 client of an IPv6 proxy",
    from: "::1",
    headers: forwarded("::ffff:192.0.2.77"),
    allowed: true,
    isVariant: true,
  },
  {
    name: "another client of an IPv6 proxy",
    from: "::1",
    headers: forwarded("2001:db8:a::7, 2001:db8:b::7"),
    allowed: false,
    isVariant: true,
  },
];

interface Host extends Value {
  readonly values: readonly string[];
  readonly isOurs: boolean;
}

const HOSTS: readonly Host[] = [
  { name: "ours", values: ["mcp.example"], isOurs: true },
  {
    name: "ours in another spelling",
    values: ["MCP.Example.:8080"],
    isOurs: true,
    isVariant: true,
  },
  { name: "foreign", values: ["evil.example"], isOurs: false },
  {
    name: "ours and a foreign one",
    values: ["mcp.example", "evil.example"],
    isOurs: false,
    isVariant: true,
  },
];

interface Origin extends Value {
  readonly values: readonly string[];
  readonly isAllowed: boolean;
}

const ORIGINS: readonly Origin[] = [
  { name: "none", values: [], isAllowed: true },
  { name: "an allowed one", values: [ORIGIN], isAllowed: true },
  { name: "a foreign one", values: ["https://evil.example"], isAllowed: false },
  { name: "null", values: ["null"], isAllowed: false, isVariant: true },
];

interface Route {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly body?: string;
  readonly headers?: readonly string[];
  /** Asks for an API key: always, where one is shown, or never. */
  readonly asks: "always" | "shown" | "never";
  /** What a request gets that passes all doors. */
  readonly status: number;
  readonly isProbe?: boolean;
  readonly isMcp?: boolean;
  readonly tool?: ToolName;
}

const ACCEPT = ["Accept", "application/json, text/event-stream"];
const rpc = (method: string, params: object = {}) => ({
  method: "POST",
  target: "/api/mcp",
  headers: [...ACCEPT, "Content-Type", "application/json"],
  body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  asks: "always" as const,
  isMcp: true,
});
const call = (tool: ToolName, args: object): Route => ({
  name: tool,
  ...rpc("tools/call", { name: tool, arguments: args }),
  status: 200,
  tool,
});

const TOOL_ROUTES: readonly Route[] = [
  { name: "tools/list", ...rpc("tools/list"), status: 200 },
  call("get_nodes", {}),
  call("list_snapshots", { vmid: 100 }),
  call("rollback_snapshot", { vmid: 100, snapshot: "before-upgrade", dry_run: true }),
];
const ROUTES: readonly Route[] = [
  ...TOOL_ROUTES,
  {
    name: "a stream",
    method: "GET",
    target: "/api/mcp",
    headers: ACCEPT,
    asks: "always",
    status: 405,
    isMcp: true,
  },
  {
    name: "a preflight",
    method: "OPTIONS",
    target: "/api/mcp",
    headers: ["Access-Control-Request-Method", "POST"],
    asks: "always",
    status: 405,
    isMcp: true,
  },
  { name: "/livez", method: "GET", target: "/livez", asks: "never", status: 200, isProbe: true },
  { name: "/readyz", method: "GET", target: "/readyz", asks: "shown", status: 200, isProbe: true },
  { name: "/metrics", method: "GET", target: "/metrics", asks: "always", status: 200 },
  {
    name: "POST /livez",
    method: "POST",
    target: "/livez",
    asks: "never",
    status: 405,
    isProbe: true,
  },
  { name: "nothing", method: "GET", target: "/nothing", asks: "never", status: 404 },
  {
    name: "the endpoint with a slash",
    method: "POST",
    target: "/api/mcp/",
    asks: "never",
    status: 404,
  },
];

interface Policy {
  readonly policy: NonNullable<Sections["policy"]>;
  readonly may: Readonly<Record<KeyName, readonly ToolName[]>>;
}

const OWN = { own: { mode: "full", allow: [], deny: ["get_nodes"] } } as const;
const OWN_MAY = ["list_snapshots", "rollback_snapshot"] as const;
const READ_ONLY: Policy = {
  policy: { keys: OWN },
  may: { example: ["get_nodes"], own: OWN_MAY },
};
const POLICIES: readonly Policy[] = [
  {
    policy: { mode: "operate", keys: OWN },
    may: { example: ["get_nodes", "list_snapshots"], own: OWN_MAY },
  },
  {
    policy: { mode: "full", keys: OWN },
    may: { example: ["get_nodes", "list_snapshots", "rollback_snapshot"], own: OWN_MAY },
  },
  {
    policy: { mode: "operate", allow: ["rollback_snapshot"], deny: ["list_snapshots"], keys: {} },
    may: {
      example: ["get_nodes", "rollback_snapshot"],
      own: ["get_nodes", "rollback_snapshot"],
    },
  },
];

interface Combination {
  readonly route: Route;
  readonly credential: Credential;
  readonly client: Client;
  readonly host: Host;
  readonly origin: Origin;
}

interface Expected {
  readonly status: number;
  /** Of a refusal. */
  readonly code?: string;
}

/** The documented order of doors, and what each of them answers. */
function expected({ route, credential, client, host, origin }: Combination): Expected {
  if (!host.isOurs && route.isProbe !== true) return { status: 403, code: "HOST_REFUSED" };
  if (!origin.isAllowed) return { status: 403, code: "ORIGIN_REFUSED" };
  if (route.method === "OPTIONS" && origin.values.length > 0) return { status: 204 };
  if (!client.allowed) return { status: 403, code: "NETWORK_REFUSED" };
  const isAsked =
    route.asks === "always" || (route.asks === "shown" && credential.values.length > 0);
  if (isAsked && credential.key === undefined) return { status: 401, code: "UNAUTHORIZED" };
  if (route.status === 404) return { status: 404, code: "NOT_FOUND" };
  if (route.status === 405 && route.isMcp !== true)
    return { status: 405, code: "METHOD_NOT_ALLOWED" };
  return { status: route.status };
}

test("every combination gets its answer, and nothing else reaches a tool or Proxmox", async () => {
  const simulator = await startSimulator();
  const { front, asked } = await counting(simulator);
  onTestFinished(() => simulator.stop());
  const calls: string[] = [];
  const recorder: CallRecorder = {
    begins: ({ tool, caller }) => calls.push(`${caller.key} begins ${tool}`),
    ended: ({ tool, caller }, { outcome }) => calls.push(`${caller.key} ends ${tool}: ${outcome}`),
  };
  const http = {
    host: "::",
    allowed_hosts: ["mcp.example"],
    allowed_origins: [ORIGIN],
    allowed_networks: ["127.0.0.3", "192.0.2.0/24", "2001:db8:a::/48"],
    trusted_proxies: ["127.0.0.2", "::1"],
    rate_limit: { per_minute: 1_000_000, per_minute_per_address: 1_000_000 },
  };
  const server = await openHttp({
    simulator: front,
    recorders: [recorder],
    http: { ...http, api_keys: { ...KEYS, removed: REMOVED } },
    policy: READ_ONLY.policy,
    // No time passes, and no token flows in.
    monotonic: () => 0,
  });
  const port = Number(new URL(server.url).port);
  const from = {
    "127.0.0.2": sender("127.0.0.1", port, "127.0.0.2"),
    "127.0.0.3": sender("127.0.0.1", port, "127.0.0.3"),
    "127.0.0.4": sender("127.0.0.1", port, "127.0.0.4"),
    "::1": sender("::1", port),
  };

  const wrong: string[] = [];
  const reached = { tools: 0, refusedTools: 0, proxmox: 0 };
  let tried = 0;

  const tryOne = async (combination: Combination, may: Policy["may"]) => {
    const { route, credential, client, host, origin } = combination;
    const before = { asked: asked(), calls: calls.length };
    const answer = await from[client.from](requestOf(combination));
    const wanted = expected(combination);
    const { key } = credential;
    const isCall = route.tool !== undefined && wanted.status === 200 && key !== undefined;
    const isRun = isCall && may[key].includes(route.tool);
    const found = [
      ...faultsOf(answer, combination, wanted),
      ...(wanted.status === 200 && route.isMcp === true && key !== undefined
        ? faultsOfResult(answer, route, may[key])
        : []),
    ];
    const heard = calls.slice(before.calls);
    const wantedCalls = isRun
      ? [`${key} begins ${route.tool}`, `${key} ends ${route.tool}: ok`]
      : isCall
        ? [`${key} ends ${route.tool}: POLICY_DENIED`]
        : [];
    if (heard.join() !== wantedCalls.join()) found.push(`heard of ${heard.join() || "nothing"}`);
    if (asked() > before.asked !== isRun)
      found.push(`asked Proxmox ${asked() - before.asked} times`);
    if (isRun) reached.tools += 1;
    else if (isCall) reached.refusedTools += 1;
    reached.proxmox += asked() - before.asked;
    tried += 1;
    const names = [route, credential, client, host, origin].map(({ name }) => name).join(" | ");
    wrong.push(...found.map((fault) => `${names}: ${fault}`));
  };

  const tryAll = async (
    { may }: Policy,
    routes: readonly Route[],
    some: Partial<{
      credentials: readonly Credential[];
      clients: readonly Client[];
      hosts: readonly Host[];
      origins: readonly Origin[];
    }> = {},
  ) => {
    const { credentials = CREDENTIALS, clients = CLIENTS, hosts = HOSTS, origins = ORIGINS } = some;
    for (const route of routes)
      for (const credential of credentials)
        for (const client of clients)
          for (const host of hosts)
            for (const origin of origins)
              if (countVariants(credential, client, host, origin) <= 1)
                await tryOne({ route, credential, client, host, origin }, may);
  };

  // As long as it is there, the key that is removed afterwards is a key.
  const withRemoved: Credential = { name: "a key", values: [`Bearer ${REMOVED}`], key: "example" };
  const [list] = TOOL_ROUTES;
  if (list === undefined) throw new Error("there is no route");
  await tryAll(READ_ONLY, [list], { credentials: [withRemoved], hosts: HOSTS.slice(0, 1) });

  server.replace({ http: { ...http, api_keys: KEYS }, policy: READ_ONLY.policy });
  await tryAll(READ_ONLY, ROUTES);
  for (const policy of POLICIES) {
    server.replace({ http: { ...http, api_keys: KEYS }, policy: policy.policy });
    await tryAll(policy, TOOL_ROUTES, { hosts: HOSTS.slice(0, 3), origins: ORIGINS.slice(0, 1) });
  }

  // A peer over IPv6 that no proxy vouches for.
  const untrusted = { ...http, trusted_proxies: ["127.0.0.2"], api_keys: KEYS };
  server.replace({ http: untrusted, policy: READ_ONLY.policy });
  const forger = { from: "::1", headers: forwarded("192.0.2.77") } as const;
  await tryAll(READ_ONLY, ROUTES, {
    clients: [{ ...forger, name: "another IPv6 peer that says to be allowed", allowed: false }],
    hosts: HOSTS.slice(0, 1),
  });
  const allowed_networks = [...http.allowed_networks, "::1"];
  server.replace({ http: { ...untrusted, allowed_networks }, policy: READ_ONLY.policy });
  await tryAll(READ_ONLY, ROUTES, {
    clients: [{ ...forger, name: "an allowed IPv6 peer", allowed: true }],
    hosts: HOSTS.slice(0, 1),
  });

  process.stdout.write(
    `${tried} combinations; ${reached.tools} ran a tool with ${reached.proxmox} requests to Proxmox, ` +
      `${reached.refusedTools} were refused by policy, the others reached neither\n`,
  );
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(tried).toBeGreaterThan(15_000);
  expect(reached.tools).toBeGreaterThan(100);
  expect(reached.refusedTools).toBeGreaterThan(100);
  const shown = JSON.stringify([calls, server.log]);
  for (const key of [...Object.values(KEYS), REMOVED]) expect(shown).not.toContain(key);
});

function countVariants(...values: readonly Value[]): number {
  return values.filter(({ isVariant }) => isVariant === true).length;
}

function requestOf({ route, credential, client, host, origin }: Combination): RawRequest {
  return {
    method: route.method,
    target: route.target,
    headers: [
      ...host.values.flatMap((value) => ["Host", value]),
      ...origin.values.flatMap((value) => ["Origin", value]),
      ...credential.values.flatMap((value) => ["Authorization", value]),
      ...client.headers,
      ...(route.headers ?? []),
    ],
    ...(route.body === undefined ? {} : { body: route.body }),
  };
}

/** What is wrong with the answer of any request. */
function faultsOf(
  { status, headers, body }: RawAnswer,
  { route, credential, origin }: Combination,
  wanted: Expected,
): readonly string[] {
  const faults: string[] = [];
  const mustBe = (name: string, is: unknown, should: unknown) => {
    if (JSON.stringify(is) !== JSON.stringify(should)) {
      faults.push(`${name} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
    }
  };
  mustBe("the status", status, wanted.status);
  const challenge =
    wanted.status !== 401
      ? undefined
      : `Bearer realm="proxmox-mcp"${credential.isShown === true ? ', error="invalid_token"' : ""}`;
  mustBe("the challenge", headers["www-authenticate"], challenge);
  if (wanted.code !== undefined) mustBe("the code", codeOf(body, route), wanted.code);
  const isShared = origin.isAllowed && origin.values.length > 0 && wanted.code !== "HOST_REFUSED";
  mustBe(
    "the shared origin",
    headers["access-control-allow-origin"],
    isShared ? ORIGIN : undefined,
  );
  if (isShared && !String(headers.vary).includes("Origin")) faults.push("it does not vary");
  for (const secret of [...Object.values(KEYS), REMOVED, "192.0.2.77"]) {
    if (JSON.stringify(headers).includes(secret) || body.includes(secret)) {
      faults.push("the answer tells a key or an address");
    }
  }
  return faults;
}

/** What is wrong with the result of a request to the MCP endpoint that passed all doors. */
function faultsOfResult(
  { body }: RawAnswer,
  { tool }: Route,
  may: readonly ToolName[],
): readonly string[] {
  const [json = "{}"] = /\{.*\}/s.exec(body) ?? [];
  const { result } = JSON.parse(json) as {
    result?: { isError?: boolean; tools?: readonly { name: string }[] };
  };
  if (tool === undefined) {
    const listed = result?.tools?.map(({ name }) => name) ?? [];
    const shown = ["get_nodes", "list_snapshots", "rollback_snapshot"].filter((name) =>
      listed.includes(name),
    );
    return shown.join() === may.join() ? [] : [`${shown.join()} are listed`];
  }
  const isRefused = result?.isError === true && body.includes("POLICY_DENIED");
  const isRun = result !== undefined && result.isError !== true;
  return (may.includes(tool) ? isRun : isRefused) ? [] : [`the result is ${body.slice(0, 300)}`];
}

function codeOf(body: string, { isMcp = false }: Route): unknown {
  const answer = JSON.parse(body) as {
    readonly jsonrpc?: string;
    readonly id?: unknown;
    readonly error?: { readonly code?: unknown; readonly data?: { readonly code?: unknown } };
  };
  if (!isMcp) return answer.error?.code;
  const isJsonRpc =
    answer.jsonrpc === "2.0" && answer.id === null && answer.error?.code === -32_000;
  return isJsonRpc ? answer.error?.data?.code : "no JSON-RPC";
}

/** Stands in front of a simulated host that takes one request over each connection, and counts them. */
async function counting(
  simulator: Simulator,
): Promise<{ readonly front: Simulator; readonly asked: () => number }> {
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    const behind = connect(simulator.port, simulator.host);
    const end = () => {
      socket.destroy();
      behind.destroy();
    };
    socket.on("error", end).on("close", end).pipe(behind);
    behind.on("error", end).on("close", end).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, simulator.host, resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return { front: { ...simulator, port: address.port }, asked: () => connections };
}
