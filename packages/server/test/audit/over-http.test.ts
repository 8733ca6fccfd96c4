/** What the audit log says of clients over HTTP. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { API_KEY, spawnHttp } from "../http/http-session.ts";
import { configWith, KEY, runServer, SECRET, sealer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { recordsOf } from "./audited.ts";

test("a record names the client by its key's name and its address, and holds nothing of the key", async () => {
  const cwd = scratch();
  const file = join(cwd, "audit.log");
  const sections = {
    audit: { file: "audit.log", required: true },
    http: {
      enabled: true,
      port: 0,
      api_keys: { example: await sealer.seal(API_KEY, "/http/api_keys/example") },
    },
    policy: { keys: { example: { mode: "operate" } } },
  };
  const token = await sealer.seal(SECRET, "/auth/token_value");
  const config = JSON.stringify(configWith(token, sections));
  writeFileSync(join(cwd, "config.json"), config, { mode: 0o600 });
  const server = await spawnHttp(["--test-mode", "config.json"], { cwd });
  const client = await server.connect();
  await client.callTool({ name: "get_nodes" });
  await client.callTool({ name: "reboot_vm", arguments: { vmid: 100 } });
  const denied = await client.callTool({ name: "delete_vm", arguments: { vmid: 100 } });
  expect(denied.isError).toBe(true);
  server.serving.process.kill("SIGTERM");
  expect(await server.serving.ended).toBe(0);

  const calls = recordsOf(file).filter(({ id }) => id !== undefined);
  expect(calls.map(({ event, tool, outcome }) => [event, tool, outcome])).toEqual([
    ["end", "get_nodes", "ok"],
    ["begin", "reboot_vm", undefined],
    ["end", "reboot_vm", "ok"],
    ["end", "delete_vm", "POLICY_DENIED"],
  ]);
  for (const call of calls) {
    expect(call).toMatchObject({ transport: "http", client: "example", address: "127.0.0.1" });
  }
  expect(readFileSync(file, "utf8")).not.toContain(API_KEY);
  const env = { PROXMOX_MCP_MASTER_KEY: KEY };
  expect(runServer(["audit", "verify", "--ended", file], { env }).status).toBe(0);
});
