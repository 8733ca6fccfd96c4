import { formatError, type ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { SecretText, type ServerConfig } from "@proxmox-mcp/crypto/config";
import { childPointer } from "@proxmox-mcp/crypto/internal";
import { describe, expect, test } from "vitest";
import type { Serving } from "../../src/config/transport.ts";
import { accessProblems } from "../../src/health/access-problems.ts";
import { accessOf } from "../../src/http/access.ts";
import { type GivenSections, serverConfig } from "../config.ts";

const KEY = "example-key-0123456789";
const KEYS = { api_keys: { ci: new SecretText(KEY) } };

type Sections = Pick<GivenSections, "http" | "policy">;

function configOf({ http, ...sections }: Sections): ServerConfig {
  return serverConfig({ ...sections, http: { ...KEYS, ...http } });
}

const HTTP: Serving = { transport: "http", insecureNoAuth: false };
const STDIO: Serving = { transport: "stdio", insecureNoAuth: false };

function problemsOf(sections: Sections, serving: Serving = HTTP): readonly string[] {
  const locate = (location: string) => ({ location });
  const found = accessProblems(configOf(sections), locate, serving);
  expect(found.map(({ code, hint }) => [code, typeof hint])).toEqual(
    found.map(({ message }) => [message.startsWith("--") ? "USAGE" : "SCHEMA", "string"]),
  );
  expect(found.map(formatError).join()).not.toContain(KEY);
  return found.map(shown);
}

const shown = ({ where, message }: ProxmoxMcpError) => `${where.location} ${message}`;

describe("a config that can be served over HTTP", () => {
  const BEYOND = { host: "0.0.0.0", allowed_hosts: ["mcp.example.com"] };
  test.each<[string, Sections, boolean]>([
    ["has a key, on loopback", {}, false],
    ["has none, on loopback and told so", { http: { api_keys: {} } }, true],
    ["listens on ::1", { http: { host: "::1" } }, false],
    ["listens on localhost", { http: { host: "localhost" } }, false],
    ["has TLS beyond", { http: { ...BEYOND, tls: { cert: "a.pem", key: "b.pem" } } }, false],
    ["has a proxy in front", { http: { ...BEYOND, behind_tls_proxy: true } }, false],
    [
      "has rules for a key, whatever its name",
      {
        http: { api_keys: { constructor: new SecretText(KEY) } },
        policy: {
          keys: { constructor: { mode: "full" as const, allow: ["start_vm"], deny: ["get_vms"] } },
        },
      },
      false,
    ],
  ])("%s", (_, sections, insecureNoAuth) => {
    expect(problemsOf(sections, { ...HTTP, insecureNoAuth })).toEqual([]);
    expect(() => accessOf(configOf(sections), { insecureNoAuth })).not.toThrow();
  });
});

describe("over HTTP alone it is refused", () => {
  test.each<[string, NonNullable<GivenSections["http"]>, boolean, string[]]>([
    [
      "without an API key",
      { api_keys: {} },
      false,
      ["/http/api_keys http.api_keys holds no API key, and without one the server answers nobody"],
    ],
    [
      "without authentication beyond loopback",
      {
        host: "192.0.2.1",
        behind_tls_proxy: true,
        allowed_hosts: ["mcp.example.com"],
        api_keys: {},
      },
      true,
      ["/http/host --insecure-no-auth goes with loopback alone, and http.host is 192.0.2.1"],
    ],
    [
      "with API keys that nobody is asked for",
      {},
      true,
      [
        "/http/api_keys --insecure-no-auth would ask nobody for the API keys that http.api_keys holds",
      ],
    ],
    [
      "in plain HTTP beyond loopback",
      { host: "::", allowed_hosts: ["mcp.example.com"] },
      false,
      ["/http/host plain HTTP would leave this machine, as http.host is ::"],
    ],
    [
      "without names to answer to",
      { host: "mcp.example.com", behind_tls_proxy: true },
      false,
      ["/http/allowed_hosts the names to answer to are not known, as http.host is mcp.example.com"],
    ],
    [
      "for all of that",
      { host: "0.0.0.0", api_keys: {} },
      true,
      [
        "/http/host --insecure-no-auth goes with loopback alone, and http.host is 0.0.0.0",
        "/http/host plain HTTP would leave this machine, as http.host is 0.0.0.0",
        "/http/allowed_hosts the names to answer to are not known, as http.host is 0.0.0.0",
      ],
    ],
  ])("%s", (_, http, insecureNoAuth, problems) => {
    expect(problemsOf({ http }, { ...HTTP, insecureNoAuth })).toEqual(problems);
    expect(problemsOf({ http }, STDIO)).toEqual([]);
  });
});

describe("however it is served it is refused", () => {
  const key = (text: string) => ({ api_keys: { ci: new SecretText(text) } });
  test.each<[string, Sections, string[]]>([
    [
      "for a short key",
      { http: key("example-key-123") },
      ["/http/api_keys/ci the API key ci is shorter than 16 characters"],
    ],
    ...["example key 0123456789", `${KEY}\n`, `é${KEY}`, `${KEY}\u007f`, `${KEY}🔑`].map(
      (text): [string, Sections, string[]] => [
        `for a key that no header holds: ${JSON.stringify(text)}`,
        { http: key(text) },
        ["/http/api_keys/ci the API key ci holds white space or characters that no header holds"],
      ],
    ),
    [
      "for one key of two clients",
      {
        http: {
          api_keys: { ci: new SecretText(KEY), "a.b": new SecretText(KEY) },
        },
      },
      ["/http/api_keys/a.b the API keys ci and a.b are the same"],
    ],
    ...["", " ", "a b", "a/b", "a\nb", "-a", "a".repeat(65)].map(
      (name): [string, Sections, string[]] => [
        `for a key of the name ${JSON.stringify(name)}`,
        { http: { api_keys: { [name]: new SecretText(KEY) } } },
        [
          `${childPointer("/http/api_keys", name)} the name of an API key is 1 to 64 letters, digits, \`_\`, \`.\`, \`@\` and \`-\``,
        ],
      ],
    ),
    [
      "for networks that are none",
      {
        http: {
          allowed_networks: ["192.0.2.0/24", "192.0.2.7/24"],
          trusted_proxies: ["192.0.2.0/33", "::1"],
        },
      },
      [
        "/http/allowed_networks/1 192.0.2.7/24 is an address within a network, not the network",
        "/http/trusted_proxies/0 192.0.2.0/33 has a prefix that is no number from 0 to 32",
      ],
    ],
    [
      "for proxies that are everybody",
      { http: { trusted_proxies: ["192.0.2.1", "0.0.0.0/0", "::/0", "::ffff:0:0/96"] } },
      [
        "/http/trusted_proxies/1 with 0.0.0.0/0 every client could say to be any other",
        "/http/trusted_proxies/2 with ::/0 every client could say to be any other",
        "/http/trusted_proxies/3 with ::ffff:0:0/96 every client could say to be any other",
      ],
    ],
    [
      "for origins that are none",
      {
        http: {
          allowed_origins: [
            "https://console.example.com",
            "https://user@console.example.com",
            "https://:example-word@console.example.com",
            "https://console.example.com:99999",
            "https://[::1",
            "https://console.example.com\\path",
          ],
        },
      },
      [1, 2, 3, 4, 5].map(
        (index) => `/http/allowed_origins/${index} this is not the origin of any web page`,
      ),
    ],
    [
      "for lists that let nobody in",
      { http: { allowed_networks: [], allowed_hosts: [] } },
      [
        "/http/allowed_networks http.allowed_networks is empty, so nobody would be answered",
        "/http/allowed_hosts http.allowed_hosts is empty, so nobody would be answered",
      ],
    ],
    [
      "for rules of a key that there is not",
      { policy: { keys: { c1: { mode: "full", allow: [], deny: [] } } } },
      ["/policy/keys/c1 http.api_keys holds no key c1 (did you mean ci?)"],
    ],
    [
      "for tools that there are not",
      {
        policy: {
          allow: ["get_vms", "start_vn"],
          deny: ["toString"],
          keys: { ci: { mode: "read-only", allow: ["constructor"], deny: ["delete_everything"] } },
        },
      },
      [
        "/policy/allow/1 there is no tool start_vn (did you mean start_vm?)",
        "/policy/deny/0 there is no tool toString",
        "/policy/keys/ci/allow/0 there is no tool constructor",
        "/policy/keys/ci/deny/0 there is no tool delete_everything",
      ],
    ],
  ])("%s", (_, sections, problems) => {
    expect(problemsOf(sections)).toEqual(problems);
    expect(problemsOf(sections, STDIO)).toEqual(problems);
  });
});

test.each<[string, boolean, Serving["transport"]]>([
  ["by the config", false, undefined],
  ["by the command line", true, "stdio"],
])("--insecure-no-auth is refused where stdio is served %s", (_, enabled, transport) => {
  expect(problemsOf({ http: { enabled } }, { transport, insecureNoAuth: true })).toEqual([
    "/http/enabled --insecure-no-auth goes with HTTP, and stdio is served",
  ]);
});
