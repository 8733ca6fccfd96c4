import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSealer, generateMasterKey } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import { authority } from "../proxmox/certificates.ts";
import { data, startHost } from "../proxmox/host.ts";
import { KEY } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { gatedKey } from "./gated-key.ts";
import { type NodesHost, startNodesHost } from "./nodes-host.ts";
import { configFor, spawnServing, startServing } from "./serving.ts";
import { mountVolume } from "./volume.ts";
import { watches } from "./watches.ts";

const IN_FORCE = "the new config is in force";
const NOT_TAKEN = "the new config is not taken, the old one stays in force";

/** Replaces a file as editors and our own commands do. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

describe("a config that changes while the server runs", () => {
  test("garbage is told with its place and a way out, and the next good one is taken", async () => {
    const [first, second] = [await startNodesHost("first"), await startNodesHost("second")];
    const cwd = scratch();
    const path = join(cwd, "config.json");
    writeFileSync(path, await configFor(first));
    const server = await startServing(["config.json"], { cwd });
    expect(await server.call("get_nodes")).toContain("first");

    replace(path, '{"proxmox": {"host": }');
    expect(await server.logged(NOT_TAKEN)).toMatchObject({
      level: "error",
      error: { code: "SYNTAX", file: "config.json", line: 1, column: 22, hint: expect.any(String) },
    });
    expect(await server.call("get_nodes")).toContain("first");

    replace(path, await configFor(second));
    expect(await server.logged(IN_FORCE)).toMatchObject({
      level: "info",
      key: { source: "PROXMOX_MCP_MASTER_KEY" },
    });
    expect(await server.call("get_nodes")).toContain("second");
  });

  test("every problem of it is told", async () => {
    const cwd = scratch();
    const path = join(cwd, "config.json");
    const config = await configFor(await startNodesHost("first"));
    writeFileSync(path, config);
    const server = await startServing(["config.json"], { cwd });
    const { auth } = JSON.parse(config);
    replace(path, JSON.stringify({ proxmox: { host: "a/b", port: "x" }, auth }));
    await server.logged("/proxmox/host");
    await server.logged("/proxmox/port");
  });

  test("a file that is written in place, piece by piece, is taken once it is whole", async () => {
    const [first, second] = [await startNodesHost("first"), await startNodesHost("second")];
    const cwd = scratch();
    const path = join(cwd, "config.json");
    writeFileSync(path, await configFor(first));
    const server = await startServing(["config.json"], { cwd });
    const text = await configFor(second);
    writeFileSync(path, text.slice(0, 40));
    await server.logged(NOT_TAKEN);
    writeFileSync(path, text.slice(40), { flag: "a" });
    await server.logged(IN_FORCE);
    expect(await server.call("get_nodes")).toContain("second");
  });

  test("one that holds the same as before is passed over", async () => {
    const cwd = scratch();
    const path = join(cwd, "config.json");
    writeFileSync(path, await configFor(await startNodesHost("first")));
    const server = await startServing(["--debug", "config.json"], { cwd });
    await server.logged("hold the same as before");
    replace(path, readFileSync(path, "utf8"));
    await server.logged("hold the same as before");
    expect(server.log().filter(({ msg }) => msg === IN_FORCE)).toEqual([]);
  });

  test("a call in flight keeps the config that it began with", async () => {
    const [first, second] = [await startNodesHost("first"), await startNodesHost("second")];
    const cwd = scratch();
    const path = join(cwd, "config.json");
    writeFileSync(path, await configFor(first));
    const server = await startServing(["config.json"], { cwd });
    const release = first.hold();
    const asked = first.asked();
    const early = server.call("get_nodes");
    await asked;
    replace(path, await configFor(second));
    await server.logged(IN_FORCE);
    expect(await server.call("get_nodes")).toContain("second");
    release();
    expect(await early).toContain("first");
  });

  test("one that logs into itself is not taken, and stays as it is", async () => {
    const host = await startNodesHost("first");
    const cwd = scratch();
    const path = join(cwd, "config.json");
    writeFileSync(path, await configFor(host));
    const server = await startServing(["config.json"], { cwd });
    const next = await configFor(host, { logging: { file: "config.json" } });
    replace(path, next);
    expect(await server.logged(NOT_TAKEN)).toMatchObject({
      error: { code: "SCHEMA", location: "/logging/file", line: 1 },
    });
    expect(readFileSync(path, "utf8")).toBe(next);
  });

  test("its policy holds for the next call", async () => {
    const host = await startNodesHost("first");
    const cwd = scratch();
    const path = join(cwd, "config.json");
    writeFileSync(path, await configFor(host));
    const server = await startServing(["config.json"], { cwd });
    const names = async () =>
      (await server.request("tools/list")).result?.tools?.map(({ name }) => name);
    expect(await names()).not.toContain("execute_vm_command");
    replace(path, await configFor(host, { policy: { exec: { allow: ["uptime"] } } }));
    await server.logged(IN_FORCE);
    expect(await names()).toContain("execute_vm_command");
  });

  test("a directory that is put in the place of another is seen", async () => {
    const [first, second] = [await startNodesHost("first"), await startNodesHost("second")];
    const cwd = scratch();
    for (const [name, host] of [
      ["live", first],
      ["next", second],
    ] as const) {
      mkdirSync(join(cwd, name));
      writeFileSync(join(cwd, name, "config.json"), await configFor(host));
    }
    const server = await startServing(["live/config.json"], { cwd });
    renameSync(join(cwd, "live"), join(cwd, "old"));
    renameSync(join(cwd, "next"), join(cwd, "live"));
    await server.logged(IN_FORCE);
    expect(await server.call("get_nodes")).toContain("second");
    replace(join(cwd, "live/config.json"), await configFor(first));
    await server.logged(IN_FORCE);
    expect(await server.call("get_nodes")).toContain("first");
  });

  test("its CA file is read anew", async () => {
    const [right, wrong] = [await authority(), await authority()];
    const nodes = data([{ node: "first", status: "online" }]);
    const host = await startHost(nodes, await right.issue());
    const cwd = scratch();
    writeFileSync(join(cwd, "ca.pem"), wrong.cert);
    const { proxmox, ...rest } = JSON.parse(await configFor(host));
    const { fingerprint: _, ...unpinned } = proxmox;
    writeFileSync(
      join(cwd, "config.json"),
      JSON.stringify({ proxmox: { ...unpinned, ca_file: "ca.pem" }, ...rest }),
    );
    const server = await startServing([join(cwd, "config.json")], { cwd: scratch() });
    expect(await server.call("get_nodes")).toContain("PROXMOX_TLS");
    replace(join(cwd, "ca.pem"), "no certificate");
    expect(await server.logged(NOT_TAKEN)).toMatchObject({
      error: { code: "SCHEMA", location: "/proxmox/ca_file", line: 1 },
    });
    replace(join(cwd, "ca.pem"), right.cert);
    await server.logged(IN_FORCE);
    expect(await server.call("get_nodes")).toContain("first");
  });
});

describe("a CA file", () => {
  /** A config that verifies its host by a CA file. */
  async function configWithCa(host: NodesHost, ca_file: string): Promise<string> {
    return await configFor(host, { proxmox: { fingerprint: undefined, ca_file } });
  }

  test("that is there from the start is no reason to load the config twice", async () => {
    const host = await startNodesHost("first");
    const cwd = scratch();
    writeFileSync(join(cwd, "ca.pem"), host.identity.cert);
    writeFileSync(join(cwd, "config.json"), await configWithCa(host, "ca.pem"));
    const server = await startServing(["--debug", "config.json"], { cwd });
    await server.logged("hold the same as before");
    expect(server.log().filter(({ msg }) => msg === IN_FORCE)).toEqual([]);
  });

  test.each([
    ["good", (host: NodesHost) => host.identity.cert, IN_FORCE, "no certificate", NOT_TAKEN],
    ["bad", () => "no certificate", NOT_TAKEN, (host: NodesHost) => host.identity.cert, IN_FORCE],
  ])("that a new config brings, a %s one, is watched", async (_, first, then, next, last) => {
    const [one, two] = [await startNodesHost("first"), await startNodesHost("second")];
    const [cwd, elsewhere] = [scratch(), scratch()];
    const ca = join(elsewhere, "ca.pem");
    const write = (text: string | ((host: NodesHost) => string)) =>
      replace(ca, typeof text === "string" ? text : text(two));
    write(first);
    writeFileSync(join(cwd, "config.json"), await configFor(one));
    const server = await startServing(["config.json"], { cwd });
    replace(join(cwd, "config.json"), await configWithCa(two, ca));
    await server.logged(then);
    write(next);
    await server.logged(last);
    expect(await server.call("get_nodes")).toContain("second");
  });

  test("that a config brings loses no config that comes while that one is loaded", async () => {
    const hosts = await Promise.all(["first", "second", "third"].map(startNodesHost));
    const [first, second, third] = hosts as [NodesHost, NodesHost, NodesHost];
    const cwd = scratch();
    const path = join(cwd, "config.json");
    const key = gatedKey(cwd);
    writeFileSync(join(cwd, "ca.pem"), second.identity.cert);
    writeFileSync(path, await configFor(first));
    const server = await startServing(["config.json"], { cwd, env: key.env });
    const isLoading = key.hold();
    replace(path, await configWithCa(second, "ca.pem"));
    await isLoading();
    replace(path, await configFor(third));
    await key.release();
    await server.logged(IN_FORCE);
    await server.logged(IN_FORCE);
    expect(await server.call("get_nodes")).toContain("third");
  });
});

describe("a key file", () => {
  const next = generateMasterKey(randomBytes);
  const nextSealer = createSealer({ key: next, random: randomBytes, now: () => new Date() });

  test("that is removed and put back stops nothing", async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, "key"), KEY, { mode: 0o600 });
    writeFileSync(join(cwd, "config.json"), await configFor(await startNodesHost("first")));
    const server = await startServing(["--key-file", "key", "config.json"], { cwd, env: {} });
    rmSync(join(cwd, "key"));
    expect(await server.logged(NOT_TAKEN)).toMatchObject({ error: { code: "KEY_UNREADABLE" } });
    expect(await server.call("get_nodes")).toContain("first");
    writeFileSync(join(cwd, "key"), KEY, { mode: 0o600 });
    await server.logged(IN_FORCE);
  });

  test("may hold the old key and the next one, so that order does not matter", async () => {
    const [first, second] = [await startNodesHost("first"), await startNodesHost("second")];
    const cwd = scratch();
    writeFileSync(join(cwd, "key"), `${KEY}\nnext:${next.reveal()}\n`, { mode: 0o600 });
    writeFileSync(join(cwd, "config.json"), await configFor(first));
    const env = { PROXMOX_MCP_MASTER_KEY_FILE: join(cwd, "key") };
    const server = await startServing(["config.json"], { cwd, env });
    replace(join(cwd, "config.json"), await configFor(second, { seal: nextSealer }));
    await server.logged(IN_FORCE);
    replace(join(cwd, "key"), `${next.reveal()}\n${KEY}\n`);
    expect(await server.logged(IN_FORCE)).toMatchObject({ key: { id: next.id } });
    expect(await server.call("get_nodes")).toContain("second");
  });

  test.each(["config", "key"])("swapped as Kubernetes does, the %s first", async (order) => {
    const [first, second] = [await startNodesHost("first"), await startNodesHost("second")];
    const cwd = scratch();
    const configs = mountVolume(join(cwd, "config"), "config.json", await configFor(first));
    const keys = mountVolume(join(cwd, "key"), "master-key", KEY);
    const env = { PROXMOX_MCP_MASTER_KEY_FILE: join(cwd, "key/master-key") };
    const server = await startServing(["config/config.json"], { cwd, env });
    expect(await server.call("get_nodes")).toContain("first");
    const swaps = [
      async () => configs.swap(await configFor(second, { seal: nextSealer })),
      async () => keys.swap(next.reveal()),
    ];
    const [one, other] = order === "config" ? swaps : swaps.reverse();
    await one?.();
    expect(await server.logged(NOT_TAKEN)).toMatchObject({ error: { code: "NO_KEY_OPENS" } });
    expect(await server.call("get_nodes")).toContain("first");
    await other?.();
    expect(await server.logged(IN_FORCE)).toMatchObject({ key: { id: next.id } });
    expect(await server.call("get_nodes")).toContain("second");
    // The link has another target now; that is watched as the first one was.
    keys.swap(KEY);
    await server.logged(NOT_TAKEN);
  });
});

describe("SIGHUP", () => {
  test("loads the config again, changed or not", async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, "config.json"), await configFor(await startNodesHost("first")));
    const server = await startServing(["config.json"], { cwd });
    server.process.kill("SIGHUP");
    await server.logged(IN_FORCE);
    server.process.kill("SIGHUP");
    await server.logged(IN_FORCE);
    expect(await server.call("get_nodes")).toContain("first");
  });

  test("that comes before the config is loaded ends nothing, and is not forgotten", async () => {
    const cwd = scratch();
    const key = gatedKey(cwd);
    writeFileSync(join(cwd, "config.json"), await configFor(await startNodesHost("first")));
    const isLoading = key.hold();
    const server = spawnServing(["config.json"], { cwd, env: key.env });
    await isLoading();
    server.process.kill("SIGHUP");
    await key.release();
    await server.logged(IN_FORCE);
  });

  test("is the only way with --no-watch", async () => {
    const [first, second] = [await startNodesHost("first"), await startNodesHost("second")];
    const cwd = scratch();
    const path = join(cwd, "config.json");
    writeFileSync(path, await configFor(first));
    const watching = await startServing(["config.json"], { cwd });
    const server = await startServing(["--no-watch", "config.json"], { cwd });
    if (process.platform === "linux") {
      expect(watches(watching)).toBeGreaterThan(0);
      expect(watches(server)).toBe(0);
    }
    replace(path, await configFor(second));
    await watching.logged(IN_FORCE);
    expect(await server.call("get_nodes")).toContain("first");
    server.process.kill("SIGHUP");
    await server.logged(IN_FORCE);
    expect(await server.call("get_nodes")).toContain("second");
  });
});
