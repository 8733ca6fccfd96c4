import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { SecretText, type ServerConfig } from "@proxmox-mcp/crypto/config";
import { beforeAll, describe, expect, it } from "vitest";
import { clientOptionsOf, tlsWarning } from "../../src/proxmox/client-options.ts";
import { ACL, VERSION } from "../../src/proxmox/endpoints.ts";
import { restrictTo } from "../../src/proxmox/restrict.ts";
import { quotable } from "../../src/proxmox/upstream-text.ts";
import { serverConfig } from "../config.ts";
import { authority } from "./certificates.ts";
import { clientOf, data, SECRET, startHost } from "./host.ts";

const PROXMOX = { timeout: 45_000, retry_attempts: 2 };
const AUTH = { user: "mcp@pve", token_name: "server", token_value: new SecretText(SECRET) };

function config(proxmox: object = {}, auth: ServerConfig["auth"] = AUTH): ServerConfig {
  return serverConfig({ proxmox: { ...PROXMOX, ...proxmox }, auth });
}

const noFile = (path: string): string => {
  throw new Error(`read ${path}`);
};

describe("clientOptionsOf", () => {
  let ca: string;
  beforeAll(async () => {
    ca = (await authority()).cert;
  });

  it("takes host, token, time limit and retries from the config", () => {
    expect(clientOptionsOf(config(), noFile)).toEqual({
      target: { host: "pve.example", port: 8006 },
      credentials: { user: "mcp@pve", tokenName: "server", tokenValue: AUTH.token_value },
      tls: {},
      timeout: 45_000,
      retry: { attempts: 2, delay: 500 },
    });
  });

  it("logs in by password where there is no token", () => {
    const password = new SecretText("example");
    const expected = { user: "mcp@pve", password };
    expect(clientOptionsOf(config({}, { user: "mcp@pve", password }), noFile).credentials).toEqual(
      expected,
    );
    expect(clientOptionsOf(config({ password }, { user: "mcp@pve" }), noFile).credentials).toEqual(
      expected,
    );
    expect(clientOptionsOf(config({ password }), noFile).credentials).toHaveProperty("tokenName");
    expect(() => clientOptionsOf(config({}, { user: "mcp@pve" }), noFile)).toThrow(ProxmoxMcpError);
  });

  it("pins before it trusts a CA, and trusts a CA before all others", () => {
    const read = (path: string) => (path === "ca.pem" ? ca : noFile(path));
    const fingerprint = "ab".repeat(32);
    expect(clientOptionsOf(config({ ca_file: "ca.pem" }), read).tls).toEqual({ ca });
    expect(clientOptionsOf(config({ ca_file: "x", fingerprint }), noFile).tls).toEqual({
      fingerprint,
    });
    expect(clientOptionsOf(config({ verify_ssl: false }), noFile).tls).toEqual({ verify: false });
  });

  it("refuses a CA file without a certificate", () => {
    expect(() => clientOptionsOf(config({ ca_file: "ca.pem" }), () => "hello")).toThrow(
      expect.objectContaining({ code: "SCHEMA", where: { location: "/proxmox/ca_file" } }),
    );
  });

  it("warns only where nothing is checked", () => {
    expect(tlsWarning(config())).toBeUndefined();
    expect(tlsWarning(config({ verify_ssl: false, fingerprint: "ab" }))).toBeUndefined();
    expect(tlsWarning(config({ verify_ssl: false }))).toMatch(
      /pve\.example:8006.*ca_file.*fingerprint/,
    );
  });
});

describe("restrictTo", () => {
  it("reaches what was named, and nothing else", async () => {
    const host = await startHost(data("hello"));
    const api = restrictTo(clientOf(host), [VERSION]);
    expect(await api.call(VERSION, { values: {} })).toBe("hello");
    await expect(api.call(ACL, { values: {} })).rejects.toThrow(TypeError);
    expect(host.seen).toHaveLength(1);
  });
});

describe("quotable", () => {
  it.each([
    ["  a\r\n b\t\tc ", "a b c"],
    ["\u001b[31mred\u0000", "\\u001b[31mred\\u0000"],
    ["\u202eevil", "\\u202eevil"],
    ["<html>x", ""],
    ["Error <body>x", ""],
    ["a < b and b > c", "a < b and b > c"],
    ["", ""],
    ["x".repeat(400), `${"x".repeat(299)}…`],
    [`${"x".repeat(298)}😀😀`, `${"x".repeat(298)}\ufffd…`],
  ])("%j", (text, expected) => expect(quotable(text)).toBe(expected));
});
