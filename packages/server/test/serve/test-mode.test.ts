import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KEY, OTHER_KEY, runServer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { startNodesHost } from "./nodes-host.ts";
import { configFor, startServing } from "./serving.ts";

const NOTICE = "test mode: everything is simulated, and no Proxmox host is contacted";

test("--test-mode serves the simulated cluster without config and key, and says so", async () => {
  const server = await startServing(["--test-mode"], { cwd: scratch(), env: {} });
  expect(await server.logged(NOTICE)).toMatchObject({ level: "warn" });
  expect(await server.call("get_nodes")).toContain("pve1");
  expect(await server.call("get_vms")).toContain("running");
});

test("with a config it takes policy and logging from there, and never asks its host", async () => {
  const host = await startNodesHost("real");
  const cwd = scratch();
  writeFileSync(
    join(cwd, "config.json"),
    await configFor(host, {
      policy: { exec: { allow: ["uptime"] } },
      logging: { level: "ERROR" },
    }),
  );
  const server = await startServing(["--test-mode", "config.json"], { cwd });
  const { result } = await server.request("tools/list");
  expect(result?.tools?.map(({ name }) => name)).toContain("execute_vm_command");
  expect(await server.call("get_nodes")).toContain("pve1");
  server.process.stdin.end();
  expect(await server.ended).toBe(0);
  expect(host.seen).toEqual([]);
  // That everything is simulated is told whatever the config logs; nothing else is.
  expect(server.log().map(({ msg }) => msg)).toEqual([NOTICE]);
});

test("the config is opened all the same, and a bad one refused", async () => {
  const path = join(scratch(), "config.json");
  writeFileSync(path, await configFor(await startNodesHost("real")));
  const env = { PROXMOX_MCP_MASTER_KEY: OTHER_KEY };
  expect(runServer(["--test-mode", path], { env }).status).toBe(4);
  expect(runServer(["--test-mode", path], { env: { PROXMOX_MCP_MASTER_KEY: KEY } }).status).toBe(0);
});

test("a changed config is taken, and the cluster stays the same one", async () => {
  const host = await startNodesHost("real");
  const cwd = scratch();
  const path = join(cwd, "config.json");
  writeFileSync(path, await configFor(host));
  const server = await startServing(["--test-mode", "config.json"], { cwd });
  writeFileSync(path, await configFor(host, { proxmox: { timeout: 7000 } }));
  await server.logged("the new config is in force");
  expect(await server.call("get_nodes")).toContain("pve1");
  expect(host.seen).toEqual([]);
});
