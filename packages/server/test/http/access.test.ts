import { type HttpSection, SecretText } from "@proxmox-mcp/crypto/config";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessOf } from "../../src/http/access.ts";
import { apiKeysOf } from "../../src/http/api-keys.ts";
import { serverConfig } from "../config.ts";

function access(http: Partial<HttpSection>, insecureNoAuth = false) {
  return accessOf(serverConfig({ http }), { insecureNoAuth });
}

describe("the Host header", () => {
  const hosts = (allowed?: string[]) =>
    access(allowed === undefined ? {} : { allowed_hosts: allowed }).isOurHost;

  test.each([
    "localhost",
    "localhost:8080",
    "LOCALHOST",
    "localhost.",
    "localhost.:8080",
    "127.0.0.1",
    "127.0.0.1:1",
    "[::1]",
    "[::1]:65535",
    "[0:0:0:0:0:0:0:1]",
    "localhost:",
  ])("is loopback's by default: %s", (host) => expect(hosts()(host)).toBe(true));

  test.each([
    "",
    "evil.example",
    "localhost.evil.example",
    "evil.example:localhost",
    "localhost@evil.example",
    "evil.example@localhost",
    "user:password@localhost",
    "localhost:80:80",
    "localhost:port",
    "localhost:123456",
    "localhost..",
    "localhost ",
    " localhost",
    "localhost,evil.example",
    "localhost, localhost",
    "localhost/",
    "localhost#",
    "localhost?",
    "localhost\\",
    "http://localhost",
    "::1",
    "[::1",
    "[::1]]",
    "[localhost]",
    "[::2]",
    "[::1%25eth0]",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "0.0.0.0",
    "ｌocalhost",
    "localhos\u0000t",
    "ſocalhost",
    "*",
    "__proto__",
    "constructor",
  ])("is no other name: %j", (host) => expect(hosts()(host)).toBe(false));

  test("is one of those that the config lists, and of no others", () => {
    const isOurs = hosts([
      "MCP.Example.com",
      "192.0.2.7",
      "2001:DB8::7",
      "[2001:db8::8]",
      "*.pods.example",
    ]);
    for (const host of [
      "mcp.example.com",
      "mcp.example.COM:443",
      "192.0.2.7:8080",
      "[2001:db8:0::7]",
      "[2001:db8::8]:1",
      "a.pods.example",
    ]) {
      expect([host, isOurs(host)]).toEqual([host, true]);
    }
    for (const host of [
      "localhost",
      "127.0.0.1",
      "example.com",
      "x.mcp.example.com",
      "pods.example",
      ".pods.example",
      "a.b.pods.example",
      "*.pods.example",
      "192.0.2.70",
      "[::ffff:192.0.2.8]",
    ]) {
      expect([host, isOurs(host)]).toEqual([host, false]);
    }
  });
});

describe("the Origin header", () => {
  const isAllowed = access({
    allowed_origins: [
      "https://Console.Example.com:443",
      "http://localhost:6274",
      "https://bücher.example",
    ],
  }).isAllowedOrigin;

  test.each([
    "https://console.example.com",
    "http://localhost:6274",
    "https://xn--bcher-kva.example",
  ])("is one of the config's, as browsers write it: %s", (origin) => {
    expect(isAllowed(origin)).toBe(true);
  });

  test.each([
    "",
    "null",
    "https://console.example.com:444",
    "http://console.example.com",
    "https://console.example.com.evil.example",
    "https://evil.example",
    "https://console.example.com/",
    "https://console.example.com, https://evil.example",
    "http://localhost",
    "file://",
    "constructor",
  ])("is no other: %j", (origin) => expect(isAllowed(origin)).toBe(false));
});

describe("API keys", () => {
  const secrets = (keys: Record<string, string>) =>
    Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, new SecretText(key)]));

  test("are known by their names, whatever those are", () => {
    const names = ["ci", "a/b~c", "constructor", "toString", "hasOwnProperty", "ключ", ""];
    const entries = [...names, "__proto__"].map(
      (name, index) => [name, new SecretText(`example-key-${index}`)] as const,
    );
    const keys = apiKeysOf(Object.fromEntries(entries));
    for (const [index, name] of [...names, "__proto__"].entries()) {
      expect(keys.nameOf(`example-key-${index}`)).toBe(name);
    }
    for (const shown of [
      "",
      "ci",
      "constructor",
      "__proto__",
      "example-key-",
      "example-key-00",
      "EXAMPLE-KEY-0",
      " example-key-0",
    ]) {
      expect(keys.nameOf(shown)).toBeUndefined();
    }
  });

  test("are nobody's where there are none", () => {
    expect(apiKeysOf({}).nameOf("")).toBeUndefined();
    expect(access({}).keys?.nameOf("")).toBeUndefined();
    expect(access({}, true).keys).toBeUndefined();
  });

  test("are told from everything else", () => {
    const keys = apiKeysOf(secrets({ a: "example-key-aaaa", b: "example-key-bbbb" }));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.constantFrom("example-key-aaaa", "example-key-bbbb"),
        ),
        (shown) => {
          const expected = new Map([
            ["example-key-aaaa", "a"],
            ["example-key-bbbb", "b"],
          ]).get(shown);
          expect(keys.nameOf(shown)).toBe(expected);
        },
      ),
    );
  });
});
