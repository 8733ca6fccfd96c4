/** What is wrong with the values of the `http` section, wherever the server listens. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { HttpSection, Locate } from "@proxmox-mcp/crypto/config";
import { childPointer } from "@proxmox-mcp/crypto/internal";
import { parseNetwork } from "./networks.ts";
import { ROUTES } from "./paths.ts";

const SHORTEST_KEY = 16;
/** It stands in logs and metrics, and is typed. */
const KEY_NAME = /^\w[\w.@-]{0,63}$/;
const VISIBLE_ASCII = /^[\x21-\x7e]*$/;

/** API keys, networks, hosts and origins that cannot be used as they are written. All are SCHEMA. */
export function settingProblems(http: HttpSection, locate: Locate): readonly ProxmoxMcpError[] {
  const { allowed_networks, trusted_proxies, allowed_hosts, allowed_origins } = http;
  return [
    ...pathProblem(http.path, locate),
    ...keyProblems(http.api_keys, locate),
    ...networkProblems("allowed_networks", allowed_networks, locate),
    ...networkProblems("trusted_proxies", trusted_proxies, locate),
    ...everybodyTrusted(trusted_proxies, locate),
    ...allowed_origins.flatMap((origin, index) => originProblem(origin, index, locate)),
    ...nobodyAllowed("allowed_networks", allowed_networks, locate),
    ...nobodyAllowed("allowed_hosts", allowed_hosts, locate),
  ];
}

function pathProblem(path: string, locate: Locate): readonly ProxmoxMcpError[] {
  if (!ROUTES.has(path)) return [];
  return [
    new ProxmoxMcpError("SCHEMA", `http.path is ${path}, which the server needs itself`, {
      where: locate("/http/path"),
      hint: "choose another path for the MCP endpoint, as /api/mcp",
    }),
  ];
}

function keyProblems(keys: HttpSection["api_keys"], locate: Locate): readonly ProxmoxMcpError[] {
  const nameOfKey = new Map<string, string>();
  return Object.entries(keys).flatMap(([name, secret]) => {
    const key = secret.reveal();
    const twin = nameOfKey.get(key);
    nameOfKey.set(key, name);
    const location = childPointer("/http/api_keys", name);
    const problem = (message: string) => {
      const where = locate(location);
      const hint = `make one with \`proxmox-mcp-encrypt set ${where.file ?? "FILE"} ${location} --generate hex32\``;
      return [new ProxmoxMcpError("SCHEMA", message, { where, hint })];
    };
    if (!KEY_NAME.test(name)) {
      const message = "the name of an API key is 1 to 64 letters, digits, `_`, `.`, `@` and `-`";
      const hint =
        "rename it; a key that is sealed moves by `proxmox-mcp-encrypt encrypt --rebind`";
      return [new ProxmoxMcpError("SCHEMA", message, { where: locate(location), hint })];
    }
    if (twin !== undefined) return problem(`the API keys ${twin} and ${name} are the same`);
    if (!VISIBLE_ASCII.test(key)) {
      return problem(`the API key ${name} holds white space or characters that no header holds`);
    }
    if (key.length < SHORTEST_KEY) {
      return problem(`the API key ${name} is shorter than ${SHORTEST_KEY} characters`);
    }
    return [];
  });
}

function networkProblems(
  setting: "allowed_networks" | "trusted_proxies",
  networks: readonly string[] = [],
  locate: Locate,
): readonly ProxmoxMcpError[] {
  return networks.flatMap((text, index) => {
    const network = parseNetwork(text);
    if (typeof network !== "string") return [];
    return [
      new ProxmoxMcpError("SCHEMA", `${text} ${network}`, {
        where: locate(`/http/${setting}/${index}`),
        hint: "write it as in 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32",
      }),
    ];
  });
}

/** Whoever is trusted says who else is trusted, and so whatever address it likes. */
function everybodyTrusted(
  networks: readonly string[] = [],
  locate: Locate,
): readonly ProxmoxMcpError[] {
  return networks.flatMap((text, index) => {
    const network = parseNetwork(text);
    if (typeof network === "string" || network.prefix > 0) return [];
    return [
      new ProxmoxMcpError("SCHEMA", `with ${text} every client could say to be any other`, {
        where: locate(`/http/trusted_proxies/${index}`),
        hint: "list the addresses of the proxies alone",
      }),
    ];
  });
}

function originProblem(origin: string, index: number, locate: Locate): readonly ProxmoxMcpError[] {
  const { username, password, pathname } = URL.canParse(origin)
    ? new URL(origin)
    : { username: origin, password: "", pathname: "" };
  if (username === "" && password === "" && pathname === "/") return [];
  return [
    new ProxmoxMcpError("SCHEMA", "this is not the origin of any web page", {
      where: locate(`/http/allowed_origins/${index}`),
      hint: "write scheme, host and port, as in https://console.example.com",
    }),
  ];
}

function nobodyAllowed(
  setting: "allowed_networks" | "allowed_hosts",
  list: readonly string[] | undefined,
  locate: Locate,
): readonly ProxmoxMcpError[] {
  if (list?.length !== 0) return [];
  return [
    new ProxmoxMcpError("SCHEMA", `http.${setting} is empty, so nobody would be answered`, {
      where: locate(`/http/${setting}`),
      hint: "list who is, or leave it out for the default",
    }),
  ];
}
