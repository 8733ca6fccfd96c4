/**
 * What docs/http.md states is what the server does. Parts of it are made of the code; after a change:
 * `npx vitest run test/docs/http-page.test.ts --update`, and look at the difference.
 */
import { openDocument } from "@proxmox-mcp/crypto";
import { defaultSections } from "@proxmox-mcp/crypto/config";
import { describe, expect, test } from "vitest";
import { type RefusalCode, type RefusalFormat, refusalOf } from "../../src/http/refusal.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { openHttp } from "../http/http-session.ts";
import { configReference } from "./config-reference.ts";
import { cell, expectParts, fenceIn, pageOf, sectionOf } from "./parts.ts";

const MAKER = "packages/server/test/docs/http-page.test.ts";
const page = pageOf("http.md");

// Typed, so that a code that is new has to be named here.
const CODES: Readonly<Record<RefusalCode, true>> = {
  BAD_REQUEST: true,
  BATCH_REFUSED: true,
  UNAUTHORIZED: true,
  HOST_REFUSED: true,
  ORIGIN_REFUSED: true,
  NETWORK_REFUSED: true,
  NOT_FOUND: true,
  METHOD_NOT_ALLOWED: true,
  REQUEST_TIMEOUT: true,
  BODY_TOO_LARGE: true,
  RATE_LIMITED: true,
  HEADERS_TOO_LARGE: true,
  UNEXPECTED: true,
  ENDING: true,
};

test("docs/http.md has every key of the section, and every refusal", async () => {
  await expectParts(page, MAKER, {
    config: configReference("http"),
    refusals: refusals(),
    bodies: `${body("json-rpc")}\n\nElsewhere:\n\n${body("json")}`,
  });
});

test("a key with the rules for Prometheus is offered no tool, and gets the metrics", async () => {
  const rules = JSON.parse(fenceIn(sectionOf(page, "### Metrics"), "json")).policy.keys.prometheus;
  const key = "example-api-key-of-prometheus";
  const server = await openHttp({
    http: { api_keys: { prometheus: key } },
    policy: { mode: "full", keys: { prometheus: rules } },
  });
  const client = await server.connect({ key });
  expect((await client.listTools()).tools).toEqual([]);
  const answer = await server.fetch("/metrics", { key });
  expect(answer.status).toBe(200);
  const known = [...(await answer.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const listed = [
    ...sectionOf(page, "### Metrics").matchAll(/^\| `(\w+)`(?:, `(\w+)`)? \| \w+ \|/gm),
  ];
  expect(listed.flatMap(([, ...names]) => names.filter(Boolean)).sort()).toEqual(known.sort());
});

describe("the reverse proxies pass on what the server wants", () => {
  const { host, port, path, body_limit: bodyLimit } = defaultSections().http;

  test("nginx", () => {
    const text = fenceIn(page.text, "nginx");
    const statements = text.split("\n").map((line) => line.trim());
    for (const line of statements) expect(line).toMatch(/^$|[;{}]$/);
    expect(text.match(/\{/g)).toHaveLength(text.match(/\}/g)?.length ?? 0);
    expect(statements).toContain(`server ${host}:${port};`);
    expect(statements).toContain(`location = ${path} {`);
    expect(statements).toContain("proxy_set_header Host $host;");
    expect(statements).toContain("proxy_set_header X-Forwarded-For $remote_addr;");
    expect(statements).toContain("proxy_buffering off;");
    expect(statements).toContain(`client_max_body_size ${bodyLimit / 1024 ** 2}m;`);
    expect(upstreamOf(text)).toBe(`http://${/upstream (\w+)/.exec(text)?.[1]}`);
    expectPatience(/proxy_read_timeout (\d+)s/.exec(text)?.[1]);
    expect(Number(/keepalive_timeout (\d+)s/.exec(text)?.[1])).toBeLessThan(65);
  });

  test("Traefik", async () => {
    const { values } = await openDocument(fenceIn(sectionOf(page, "### Traefik"), "yaml"), {
      format: "yaml",
    });
    const at = new Map(values.map((value) => [value.location, value]));
    const textAt = (location: string): string => {
      const value = at.get(location);
      return value?.kind === "string" ? value.text : "";
    };
    expect(textAt("/http/routers/proxmox-mcp/rule")).toContain(`Path(\`${path}\`)`);
    const service = textAt("/http/routers/proxmox-mcp/service");
    const balancer = `/http/services/${service}/loadBalancer`;
    expect(textAt(`${balancer}/servers/0/url`)).toBe(`http://${host}:${port}`);
    const transport = textAt(`${balancer}/serversTransport`);
    const timeouts = `/http/serversTransports/${transport}/forwardingTimeouts`;
    expectPatience(textAt(`${timeouts}/responseHeaderTimeout`));
    expect(Number.parseInt(textAt(`${timeouts}/idleConnTimeout`), 10)).toBeLessThan(65);
  });

  test("Caddy", () => {
    const text = fenceIn(page.text, "caddyfile");
    expect(text.match(/\{/g)).toHaveLength(text.match(/\}/g)?.length ?? 0);
    expect(text).toContain(`handle ${path} {`);
    expect(text).toContain(`reverse_proxy ${host}:${port} {`);
    expect(text).toContain(`max_size ${bodyLimit / 1024 ** 2}MiB`);
    expectPatience(/response_header_timeout (\d+)s/.exec(text)?.[1]);
    expect(Number(/keepalive (\d+)s/.exec(text)?.[1])).toBeLessThan(65);
  });
});

/** A proxy has to wait for the longest call that a client can ask for. */
function expectPatience(seconds = ""): void {
  const longest = TOOLS.map(({ input }) => input.shape["timeout"]).filter(Boolean);
  expect(longest.length).toBeGreaterThan(0);
  for (const timeout of longest) {
    expect(timeout?.safeParse(Number.parseInt(seconds, 10) - 60).success).toBe(true);
    expect(timeout?.safeParse(Number.parseInt(seconds, 10)).success).toBe(false);
  }
}

function upstreamOf(text: string): string | undefined {
  return /proxy_pass (\S+);/.exec(text)?.[1];
}

function refusals(): string {
  const rows = Object.keys(CODES).map((code) => {
    const { status, body: text } = refusalOf(code as RefusalCode, "json");
    const { message, hint } = JSON.parse(text).error;
    return `| ${status} | \`${code}\` | ${cell(message)} | ${cell(hint)} |`;
  });
  return `| status | code | message | hint |\n|---|---|---|---|\n${rows.join("\n")}`;
}

function body(format: RefusalFormat): string {
  const { body: text } = refusalOf("RATE_LIMITED", format);
  return `\`\`\`json\n${JSON.stringify(JSON.parse(text), null, 2)}\n\`\`\``;
}
