import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KEY_ID, SECRET, sealer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { startNodesHost } from "../serve/nodes-host.ts";
import { configFor } from "../serve/serving.ts";
import { openHttp, type SpawnedServer, spawnHttp } from "./http-session.ts";

const API_KEY = "example-api-key-of-the-probe-0123456789";

const HTTP = { port: 0, api_keys: { "client-of-the-tests": API_KEY } };

async function ready(
  server: SpawnedServer,
  key?: string,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await server.fetch("/readyz", { key });
  return { httpStatus: answer.status, ...((await answer.json()) as object) };
}

/** Every text that a config holds, and every name that somebody chose in it. */
function textsOf(value: unknown, chosen = false): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return value > 1023 ? [String(value)] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, held]) => [
    ...(chosen ? [name] : []),
    ...textsOf(held, ["servers", "api_keys", "keys"].includes(name)),
  ]);
}

describe("GET /readyz", () => {
  test("tells anybody that the server is ready, on which version and by which keys", async () => {
    const cwd = scratch();
    const started = Date.now();
    writeFileSync(
      join(cwd, "config.json"),
      await configFor(await startNodesHost("a"), { http: HTTP }),
    );
    const server = await spawnHttp(["--transport", "http", "config.json"], { cwd });
    const answer = await ready(server);
    expect(answer).toEqual({
      httpStatus: 200,
      status: "ready",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      config: { loaded: expect.any(String), reload_failures: 0, last_failure: null },
      keys: { active: KEY_ID, opened_with: [KEY_ID] },
    });
    const { loaded } = answer["config"] as { readonly loaded: string };
    expect(Date.parse(loaded)).toBeGreaterThanOrEqual(started);
  });

  test("counts reloads that failed, by their code alone, until one is taken", async () => {
    const cwd = scratch();
    const path = join(cwd, "config.json");
    const config = await configFor(await startNodesHost("a"), { http: HTTP });
    writeFileSync(path, config);
    const replace = (next: string): void => {
      writeFileSync(`${path}.new`, next, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    };
    const server = await spawnHttp(["--transport", "http", "config.json"], { cwd });
    replace("{");
    await server.serving.logged("SYNTAX");
    replace(JSON.stringify({ ...JSON.parse(config), logging: { level: "LOUD" } }));
    await server.serving.logged("SCHEMA");
    expect(await ready(server)).toMatchObject({
      httpStatus: 200,
      status: "ready",
      config: { reload_failures: 2, last_failure: { time: expect.any(String), code: "SCHEMA" } },
    });
    replace(config);
    await server.serving.logged("the new config is in force");
    expect(await ready(server)).toMatchObject({
      config: { reload_failures: 0, last_failure: { code: "SCHEMA" } },
    });
  });

  test("tells whoever shows a key of the host, and how the last call to it ended", async () => {
    const cwd = scratch();
    const host = await startNodesHost("a");
    writeFileSync(join(cwd, "config.json"), await configFor(host, { http: HTTP }));
    const server = await spawnHttp(["--transport", "http", "config.json"], { cwd });
    const about = { host: "127.0.0.1", port: host.port };
    expect(await ready(server)).not.toHaveProperty("proxmox");
    expect(await ready(server, API_KEY)).toMatchObject({ proxmox: { ...about, last_call: null } });
    // The probe itself has asked nothing.
    expect(host.seen).toEqual([]);

    const client = await server.connect({ key: API_KEY });
    await client.callTool({ name: "get_nodes" });
    expect(await ready(server, API_KEY)).toMatchObject({
      proxmox: { ...about, last_call: { time: expect.any(String), reached: true, outcome: "ok" } },
    });
    await host.stop();
    await client.callTool({ name: "get_nodes" });
    expect(await ready(server, API_KEY)).toMatchObject({
      httpStatus: 200,
      proxmox: { ...about, last_call: { reached: false, outcome: "PROXMOX_UNREACHABLE" } },
    });
  });

  test("is 503 while nothing can be recorded that must be, and 200 afterwards", async () => {
    const cwd = scratch();
    const audit = { file: "records/audit.jsonl", required: true };
    const config = await configFor(await startNodesHost("a"), { http: HTTP, audit });
    writeFileSync(join(cwd, "config.json"), config);
    mkdirSync(join(cwd, "records"));
    const server = await spawnHttp(["--transport", "http", "config.json"], { cwd });
    const client = await server.connect({ key: API_KEY });
    expect(await ready(server)).toMatchObject({ httpStatus: 200 });
    rmSync(join(cwd, "records"), { recursive: true });
    await client.callTool({ name: "get_nodes" });
    expect(await ready(server)).toMatchObject({
      httpStatus: 503,
      status: "not ready",
      reasons: ["audit_failed"],
    });
    mkdirSync(join(cwd, "records"));
    // Nobody sends it a call meanwhile: it is not ready.
    expect(await ready(server)).toMatchObject({ httpStatus: 200, status: "ready" });
    const records = readFileSync(join(cwd, "records/audit.jsonl"), "utf8");
    expect(records).toContain('"tool":"get_nodes"');
  });

  test("tells a wrong key nothing", async () => {
    const server = await openHttp();
    const wrong = await server.fetch("/readyz", { key: "example-of-a-wrong-key" });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("www-authenticate")).toContain("invalid_token");
    expect(await wrong.text()).not.toContain("127.0.0.1");
  });

  test("tells nothing of the host where nobody is asked for a key", async () => {
    const server = await openHttp({ insecureNoAuth: true, http: { api_keys: {} } });
    const answer = await server.fetch("/readyz", { key: "example-of-any-key-0123" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).not.toHaveProperty("proxmox");
  });
});

test("no answer without a key holds a text of the config, or a name that somebody chose in it", async () => {
  const cwd = scratch();
  const host = await startNodesHost("a");
  const { auth, ...sections } = JSON.parse(
    await configFor(host, {
      logging: { level: "INFO", file: "log-of-the-tests.jsonl" },
      audit: { file: "records-of-the-tests.jsonl" },
      policy: { keys: { "client-of-the-tests": { deny: ["analyze_security_posture"] } } },
      servers: {
        "other-server": {
          token_value: await sealer.seal(SECRET, "/servers/other-server/token_value"),
        },
      },
    }),
  );
  const config = {
    ...sections,
    auth: { ...auth, user: "user-of-the-tests@pve", token_name: "token-of-the-tests" },
    http: {
      ...HTTP,
      host: "127.0.0.1",
      allowed_hosts: ["127.0.0.1", "mcp-of-the-tests.example"],
      allowed_networks: ["127.0.0.0/8", "2001:db8::/32"],
      trusted_proxies: ["192.0.2.7"],
      rate_limit: { per_minute_per_address: 987_654 },
      allowed_origins: ["https://console-of-the-tests.example"],
    },
  };
  writeFileSync(join(cwd, "config.json"), JSON.stringify(config));
  const server = await spawnHttp(["--transport", "http", "config.json"], { cwd });
  const client = await server.connect({ key: API_KEY });
  await client.callTool({ name: "get_nodes" });
  await host.stop();
  await client.callTool({ name: "get_nodes" });
  writeFileSync(join(cwd, "config.json"), "{");
  await server.serving.logged("SYNTAX");

  const texts = [...textsOf(config), "user-of-the-tests", "config.json", cwd];
  expect(texts).toContain("client-of-the-tests");
  const paths = ["/livez", "/readyz", "/metrics", "/api/mcp", "/", "/nothing"];
  for (const path of paths) {
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
      for (const key of [undefined, "example-of-a-wrong-key"]) {
        const answer = await server.fetch(path, { method, key });
        // The request's id is random, so that it may hold any short number.
        const headers = [...answer.headers].filter(([name]) => name !== "x-request-id");
        const told = `${JSON.stringify(headers)} ${await answer.text()}`;
        for (const held of texts) expect(`${method} ${path}: ${told}`).not.toContain(held);
      }
    }
  }
});
